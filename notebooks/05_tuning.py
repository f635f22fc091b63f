import marimo

app = marimo.App(width="medium", app_title="5. Tuning the weights by hand")


@app.cell
def _():
    import altair as alt
    import marimo as mo
    import pandas as pd

    from matcher import SAMPLE_DATE, ServiceRanker, Settings, data_path, load_engine, ndcg
    from matcher import read_consultations, read_judgements, write_settings

    return (
        SAMPLE_DATE,
        ServiceRanker,
        Settings,
        alt,
        data_path,
        load_engine,
        mo,
        ndcg,
        pd,
        read_consultations,
        read_judgements,
        write_settings,
    )


@app.cell
def _(mo):
    mo.md("""
    # 5. Tuning the weights by hand

    Move a slider: every consultation of the sample is ranked again, and you see what became better and what worse. A
    gain that you found by trying is a gain on these people only: `matcher tune` measures what would be left of it.
    """)
    return


@app.cell
def _(SAMPLE_DATE, ServiceRanker, Settings, data_path, ndcg, read_consultations, read_judgements):
    people = read_consultations(data_path("sample", "consultations.jsonl"))
    judged = read_judgements(data_path("sample", "judgements.csv")).pairs
    grades = [{key: found.grade for key, found in judged.get(person.id, {}).items()} for person in people]

    def ranked(settings):
        lists = ServiceRanker(settings=settings, as_of=SAMPLE_DATE, semantic=False).fit().predict(people)
        return lists, [ndcg(listed, wanted) for listed, wanted in zip(lists, grades)]

    start = Settings()
    start_lists, start_values = ranked(start)
    return grades, people, ranked, start, start_lists, start_values


@app.cell
def _(load_engine, mo, start):
    engine = load_engine(semantic=False)
    taxonomy = engine.taxonomy
    labels = {concept.id: concept.pref_label for concept in taxonomy.concepts}
    names = {service_id: engine.catalogue[row].name for row, service_id in enumerate(engine.ids)}
    limits = {"tags": 1, "lexical": 1, "implied": 0.5, "near": 0.5, "coverage": 1}
    fusion = mo.ui.dictionary(
        {
            name: mo.ui.slider(0, top, 0.01, value=getattr(start.ranking, name), label=name, show_value=True)
            for name, top in limits.items()
        }
    )
    needs = {labels[need]: need for need in sorted({need for need, _ in taxonomy.links}, key=labels.get)}
    need = mo.ui.dropdown(needs, value=labels["loneliness"], label="need", searchable=True)
    return fusion, labels, names, need, taxonomy


@app.cell
def _(labels, mo, need, taxonomy):
    links = {offer: weight for (this, offer), weight in taxonomy.links.items() if this == need.value}
    strongest = sorted(links, key=lambda offer: (-links[offer], offer))[:10]
    tags = mo.ui.dictionary(
        {o: mo.ui.slider(0, 1, 0.05, value=round(links[o], 2), label=labels[o], show_value=True) for o in strongest}
    )
    return links, tags


@app.cell
def _(fusion, mo, need, tags):
    mo.hstack(
        [
            mo.vstack([mo.md("**Fusion weights**"), *fusion.elements.values()]),
            mo.vstack([mo.md("**What answers a need** (tag weights)"), need, *tags.elements.values()]),
        ],
        justify="start",
        gap=4,
    )
    return


@app.cell
def _(fusion, links, need, start, tags):
    moved_links = {offer: weight for offer, weight in tags.value.items() if abs(weight - links[offer]) > 0.026}
    settings = start.changed(**{f"ranking__{name}": value for name, value in fusion.value.items()}).model_copy(
        update={"weights": {need.value: moved_links} if moved_links else {}}
    )
    return (settings,)


@app.cell
def _(alt, mo, pd, people, ranked, settings, start_values):
    lists, values = ranked(settings)
    moved = pd.DataFrame({"consultation": [p.id for p in people], "before": start_values, "after": values}).assign(
        change=lambda frame: frame["after"] - frame["before"]
    )
    moved = moved[moved["change"].abs() > 1e-6].sort_values("change")
    mean, was = sum(values) / len(values), sum(start_values) / len(start_values)
    moved_plot = (
        alt.Chart(moved, title=f"{len(moved)} of {len(people)} consultations moved")
        .mark_bar(stroke="black", strokeWidth=0.5)
        .encode(
            x=alt.X("consultation", title="consultation", sort=list(moved["consultation"])),
            y=alt.Y("change", title="change in nDCG@10 (-1 to 1)"),
            color=alt.condition("datum.change < 0", alt.value("#333333"), alt.value("#cccccc")),
            tooltip=["consultation", alt.Tooltip("change", format="+.3f")],
        )
        .properties(width=640, height=200)
    )
    headline = f"nDCG@10 {mean:.3f}, with the defaults {was:.3f}: {mean - was:+.3f}"
    mo.vstack([mo.md(f"## {headline}"), moved_plot if len(moved) else mo.md("Nothing moved. Move a slider.")])
    return headline, lists, mean, moved, moved_plot, was


@app.cell
def _(mo, moved):
    ids = list(moved["consultation"])
    look = mo.ui.dropdown(ids, value=ids[0] if ids else None, label="look at a consultation that moved")
    look
    return (look,)


@app.cell
def _(grades, lists, look, mo, names, pd, people, start_lists):
    place = next((place for place, person in enumerate(people) if person.id == look.value), None)
    side_by_side = (
        pd.DataFrame()
        if place is None
        else pd.DataFrame(
            {
                title: [f"{names[key]} (grade {grades[place].get(key, 0)})" for key in listed[place][:5]]
                for title, listed in {"before": start_lists, "after": lists}.items()
            }
        )
    )
    mo.ui.table(side_by_side, selection=None) if place is not None else mo.md("")
    return (side_by_side,)


@app.cell
def _(mo):
    path = mo.ui.text(value="my-settings/settings.toml", label="file")
    save = mo.ui.run_button(label="Save these settings")
    mo.hstack([path, save], justify="start")
    return path, save


@app.cell
def _(headline, mo, path, save, settings, taxonomy, write_settings):
    note = "Not saved yet."
    if save.value:
        kept = settings.model_copy(
            update={"provenance": f"by hand in notebook 05, on the consultations seen: {headline}"}
        )
        note = f"Saved. Use it with `--settings {write_settings(kept, path.value, taxonomy)}`."
    mo.md(note)
    return (note,)


if __name__ == "__main__":
    app.run()
