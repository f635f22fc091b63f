import marimo

app = marimo.App(width="medium", app_title="6. Caseload and unmet need")


@app.cell
def _():
    from collections import Counter
    from pathlib import Path

    import altair as alt
    import marimo as mo
    import pandas as pd

    from matcher import SAMPLE_DATE, data_path, load_engine, read_consultations, recommend_all

    return Counter, Path, SAMPLE_DATE, alt, data_path, load_engine, mo, pd, read_consultations, recommend_all


@app.cell
def _(mo):
    mo.md("""
    # 6. Caseload and unmet need

    What a whole caseload asks for, what nothing in the directory answers, and why services had to be left aside. Small
    numbers point at people: a need that fewer people have than the smallest number is not shown.
    """)
    return


@app.cell
def _(data_path, mo):
    caseload = mo.ui.text(value=str(data_path("sample", "consultations.jsonl")), label="caseload", full_width=True)
    top = mo.ui.slider(3, 20, value=10, label="suggestions a person", show_value=True)
    smallest = mo.ui.slider(1, 10, value=3, label="smallest number shown", show_value=True)
    mo.vstack([caseload, top, smallest])
    return caseload, smallest, top


@app.cell
def _(load_engine):
    engine = load_engine(semantic=False)
    return (engine,)


@app.cell
def _(Path, SAMPLE_DATE, caseload, engine, read_consultations, recommend_all, top):
    people = read_consultations(Path(caseload.value))
    answers = list(recommend_all(engine, people, as_of=SAMPLE_DATE, top=top.value))
    return answers, people


@app.cell
def _(Counter, answers, pd, smallest):
    asked = Counter(label for answer in answers for label in set(answer.understood))
    unmet = Counter(label for answer in answers for label in set(answer.unmet_needs))
    needs = pd.DataFrame(
        [{"need": label, "people": n, "nothing found": unmet[label]} for label, n in asked.most_common()],
        columns=["need", "people", "nothing found"],
    )
    needs["answered"] = needs["people"] - needs["nothing found"]
    needs = needs[needs["people"] >= smallest.value]
    return asked, needs, unmet


@app.cell
def _(alt, answers, mo, needs):
    long = needs.head(25).melt("need", ["answered", "nothing found"], "outcome", "number")
    needs_plot = (
        alt.Chart(long, title=f"What {len(answers)} people ask for, and where nothing was found")
        .mark_bar(stroke="black", strokeWidth=0.5)
        .encode(
            x=alt.X("number", title="people", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("need", title=None, sort=list(needs["need"]), axis=alt.Axis(labelLimit=300)),
            color=alt.Color("outcome", title=None, scale=alt.Scale(range=["#dddddd", "#222222"])),
            tooltip=["need", "outcome", "number"],
        )
        .properties(width=440)
    )
    mo.vstack([mo.md("## Needs, met and unmet"), needs_plot])
    return (needs_plot,)


@app.cell
def _(Counter, alt, answers, mo, pd):
    aside = Counter()
    for _answer in answers:
        aside.update(_answer.screened_out)
    screened = pd.DataFrame(
        [{"rule": code.replace("_", " "), "a person": n / len(answers)} for code, n in aside.most_common()]
    )
    screened_plot = (
        alt.Chart(screened, title="Why services were left aside")
        .mark_bar(color="#555555")
        .encode(
            x=alt.X("a person", title="services left aside a person (mean)"),
            y=alt.Y("rule", title=None, sort="-x"),
        )
        .properties(width=440)
    )
    mo.vstack([mo.md("## What stands between people and services"), screened_plot])
    return screened, screened_plot


@app.cell
def _(Counter, alt, answers, engine, mo, pd):
    shown = Counter(s.service.name for answer in answers for s in answer.suggestions)
    never = len(engine.catalogue) - len({s.service.id for answer in answers for s in answer.suggestions})
    load = pd.DataFrame([{"service": name, "people": n} for name, n in shown.most_common(20)])
    load_plot = (
        alt.Chart(load, title="Services suggested to most people: is there room?")
        .mark_bar(color="#555555")
        .encode(
            x=alt.X("people", title="people it was suggested to", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("service", title=None, sort="-x", axis=alt.Axis(labelLimit=300)),
        )
        .properties(width=440)
    )
    empty = sum(not answer.suggestions for answer in answers)
    told = f"{never} of {len(engine.catalogue)} services were suggested to nobody; {empty} people got no suggestion."
    mo.vstack([mo.md("## Where demand would go"), load_plot, mo.md(told)])
    return empty, load, load_plot, never


if __name__ == "__main__":
    app.run()
