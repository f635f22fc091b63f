import marimo

app = marimo.App(width="medium", app_title="3. One consultation explained")


@app.cell
def _():
    import altair as alt
    import marimo as mo
    import pandas as pd

    from matcher import SAMPLE_DATE, data_path, load_engine, read_consultations

    return SAMPLE_DATE, alt, data_path, load_engine, mo, pd, read_consultations


@app.cell
def _(mo):
    mo.md("""
    # 3. One consultation explained

    Every score is a sum: what speaks for a service, less what is taken off. The steps below end at the score.
    """)
    return


@app.cell
def _(data_path, load_engine, read_consultations):
    engine = load_engine(semantic=False)
    people = {c.id: c for c in read_consultations(data_path("sample", "consultations.jsonl"))}
    return engine, people


@app.cell
def _(mo, people):
    who = mo.ui.dropdown(list(people), value=next(iter(people)), label="consultation")
    rank = mo.ui.slider(1, 10, value=1, label="place in the list", show_value=True)
    mo.hstack([who, rank], justify="start")
    return rank, who


@app.cell
def _(SAMPLE_DATE, engine, mo, pd, people, who):
    person = people[who.value]
    answer = engine.suggest(person, as_of=SAMPLE_DATE, top=10)
    shown = pd.DataFrame(
        {
            "rank": s.rank,
            "service": s.service.name,
            "score": s.score,
            "km": s.distance_km,
            "standing": s.standing.name.replace("_", " "),
            "check first": "; ".join(caution.text for caution in s.cautions),
        }
        for s in answer.suggestions
    )
    asked = "; ".join([*(need.label for need in person.needs), *person.interests])
    mo.vstack([mo.md(f"**{asked or 'a note only'}**\n\n{person.note}"), mo.ui.table(shown, selection=None)])
    return answer, shown


@app.cell
def _(answer, pd, rank):
    picked = answer.suggestions[min(rank.value, len(answer.suggestions)) - 1] if answer.suggestions else None
    steps, level = [], 0.0
    for reason in picked.reasons if picked else ():
        steps.append({"part": reason.by_label, "from": level, "to": level + reason.weight, "weight": reason.weight})
        level += reason.weight
    steps.append({"part": "score", "from": 0.0, "to": level, "weight": level})
    steps = pd.DataFrame(steps)
    steps["kind"] = [
        "total" if part == "score" else "adds" if w >= 0 else "takes off"
        for part, w in zip(steps["part"], steps["weight"])
    ]
    return picked, steps


@app.cell
def _(alt, mo, picked, steps):
    waterfall = (
        alt.Chart(steps, title=f"Why {picked.service.name}: {picked.score:.3f}" if picked else "Nothing fits")
        .mark_bar(stroke="black", strokeWidth=0.5)
        .encode(
            x=alt.X("from", title="score (0 to 1)"),
            x2="to",
            y=alt.Y("part", title=None, sort=None, axis=alt.Axis(labelLimit=420)),
            color=alt.Color(
                "kind",
                title=None,
                legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(domain=["adds", "takes off", "total"], range=["#bbbbbb", "#ffffff", "#333333"]),
            ),
            tooltip=["part", alt.Tooltip("weight", format="+.3f")],
        )
        .properties(width=420)
    )
    mo.vstack([mo.md("## The steps to one score"), waterfall])
    return (waterfall,)


@app.cell
def _(engine, mo):
    names = {engine.catalogue[row].name: engine.catalogue[row].id for row in range(len(engine.catalogue))}
    other = mo.ui.dropdown(dict(sorted(names.items())), value=min(names), label="why not", searchable=True)
    mo.vstack([mo.md("## Why is a service not in the list?"), other])
    return (other,)


@app.cell
def _(SAMPLE_DATE, engine, mo, other, people, who):
    asked_for, against = engine.why(people[who.value], other.value, as_of=SAMPLE_DATE)
    ranked_below = f"Nothing rules it out; its score before others are chosen is {asked_for.score:.3f}."
    why_not = "\n".join(f"- ruled out: {text}" for text in against) or ranked_below
    mo.md(f"**{asked_for.service.name}**\n\n{why_not}")
    return against, why_not


if __name__ == "__main__":
    app.run()
