import marimo

app = marimo.App(width="medium", app_title="5. Tuning the weights by hand")


@app.cell
def _():
    import altair as alt
    import marimo as mo
    import pandas as pd

    import matcher

    return alt, matcher, mo, pd


@app.cell
def _(mo):
    start_file = mo.ui.text(label="settings file to start from (empty: the defaults)", full_width=True)
    about = """
    # 5. Tuning the weights by hand

    Move a slider: every consultation of the sample is ranked again, and you see what became better and what worse. A
    gain that you found by trying is a gain on these people only: `matcher tune` measures what would be left of it.
    """
    mo.vstack([mo.md(about), start_file])
    return (start_file,)


@app.cell
def _(matcher, start_file):
    people = matcher.read_consultations(matcher.data_path("sample", "consultations.jsonl"))
    judged = matcher.read_judgements(matcher.data_path("sample", "judgements.csv")).pairs
    grades = [{key: found.grade for key, found in judged.get(person.id, {}).items()} for person in people]
    ranker = matcher.ServiceRanker(as_of=matcher.SAMPLE_DATE, semantic=False)

    def ranked(settings):
        lists = ranker.set_params(settings=settings).fit().predict(people)
        return lists, [matcher.ndcg(listed, wanted) for listed, wanted in zip(lists, grades)]

    start = matcher.read_settings(start_file.value) if start_file.value else matcher.Settings()
    start_lists, start_values = ranked(start)
    return grades, people, ranked, start, start_lists, start_values


@app.cell
def _(matcher, mo, start):
    engine = matcher.load_engine(settings=start, semantic=False)
    taxonomy = engine.taxonomy
    labels = {concept.id: concept.pref_label for concept in taxonomy.concepts}
    names = {service_id: engine.catalogue[row].name for row, service_id in enumerate(engine.ids)}

    def slider(value, label):
        return mo.ui.slider(0, 1, 0.01, value=value, label=label, show_value=True)

    parts = ("tags", "lexical", "implied", "near", "coverage")
    fusion = mo.ui.dictionary({part: slider(getattr(start.ranking, part), part) for part in parts})
    needs = {labels[need]: need for need in sorted({need for need, _ in taxonomy.links}, key=labels.get)}
    need = mo.ui.dropdown(needs, value=labels["loneliness"], label="need", searchable=True)
    return engine, fusion, labels, names, need, slider, taxonomy


@app.cell
def _(engine, labels, mo, need, slider, taxonomy):
    links = {offer: weight for (this, offer), weight in taxonomy.links.items() if this == need.value}
    there = {offer: int((engine.offers.column(offer) > 0.3).sum()) for offer in links}
    strongest = sorted(links, key=lambda offer: (not there[offer], -links[offer], offer))[:10]
    tags = mo.ui.dictionary({o: slider(links[o], f"{labels[o]} ({there[o]})") for o in strongest})
    return links, tags


@app.cell
def _(fusion, mo, need, tags):
    left = mo.vstack([mo.md("**Fusion weights**"), *fusion.elements.values()])
    right = mo.vstack(
        [mo.md("**What answers a need** (tag weights; how many services offer it)"), need, *tags.elements.values()]
    )
    mo.hstack([left, right], justify="start", gap=4)
    return


@app.cell
def _(fusion, links, need, start, tags):
    _changed = {offer: weight for offer, weight in tags.value.items() if abs(weight - links[offer]) > 1e-9}
    _weights = {**start.weights, need.value: {**start.weights.get(need.value, {}), **_changed}}
    settings = start.changed(**{f"ranking__{name}": value for name, value in fusion.value.items()}).model_copy(
        update={"weights": _weights if _changed else start.weights}
    )
    return (settings,)


@app.cell
def _(alt, mo, pd, people, ranked, settings, start_values):
    lists, values = ranked(settings)
    moved = pd.DataFrame({"consultation": [p.id for p in people], "place": range(len(people)), "before": start_values})
    moved["change"] = [after - before for after, before in zip(values, start_values)]
    moved = moved[moved["change"].abs() > 1e-6].sort_values("change")
    mean, was = sum(values) / len(values), sum(start_values) / len(start_values)
    moved_plot = (
        alt.Chart(moved, title=f"{len(moved)} of {len(people)} consultations moved: dark bars lost, light bars gained")
        .mark_bar(stroke="black", strokeWidth=0.5)
        .encode(
            x=alt.X("consultation", title="consultation", sort=list(moved["consultation"])),
            y=alt.Y("change", title="change in nDCG@10 (-1 to 1)"),
            color=alt.condition("datum.change < 0", alt.value("#333333"), alt.value("#cccccc")),
            tooltip=["consultation", alt.Tooltip("change", format="+.3f")],
        )
        .properties(width=640, height=200)
    )
    headline = f"nDCG@10 {mean:.3f}, at the start {was:.3f}: {mean - was:+.3f}"
    mo.vstack([mo.md(f"## {headline}"), moved_plot if len(moved) else mo.md("Nothing moved. Move a slider.")])
    return headline, lists, mean, moved, was


@app.cell
def _(grades, lists, mo, moved, names, pd, start_lists):
    most = moved.loc[moved["change"].abs().idxmax()] if len(moved) else None
    both = {} if most is None else {"before": start_lists[most["place"]], "after": lists[most["place"]]}
    side_by_side = pd.DataFrame(
        {title: [f"{names[s]} (grade {grades[most['place']].get(s, 0)})" for s in both[title][:5]] for title in both}
    )
    heading = mo.md(
        "" if most is None else f"### The one that moved most: {most['consultation']} ({most['change']:+.3f})"
    )
    mo.vstack([heading, mo.ui.table(side_by_side, selection=None)] if len(side_by_side) else [heading])
    return (side_by_side,)


@app.cell
def _(mo):
    path = mo.ui.text(value="my-settings/settings.toml", label="file")
    save = mo.ui.run_button(label="Save these settings")
    mo.hstack([path, save], justify="start")
    return path, save


@app.cell
def _(headline, matcher, mo, path, save, settings, taxonomy):
    saved = None
    if save.value:
        kept = settings.model_copy(update={"provenance": f"by hand in notebook 05, people seen: {headline}"})
        saved = matcher.write_settings(kept, path.value, taxonomy)
    mo.md(f"Saved. Use it with `--settings {saved}`." if saved else "Not saved yet.")
    return (saved,)


if __name__ == "__main__":
    app.run()
