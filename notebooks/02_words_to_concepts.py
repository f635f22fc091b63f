import marimo

app = marimo.App(width="medium", app_title="2. From words to concepts")


@app.cell
def _():
    import altair as alt
    import marimo as mo
    import pandas as pd

    from matcher import SAMPLE_DATE, load_engine, read_consultation

    return SAMPLE_DATE, alt, load_engine, mo, pd, read_consultation


@app.cell
def _(mo):
    mo.md("""
    # 2. From words to concepts

    What is heard in a note: which concepts are wanted and how much, and which are turned down. Change the note and
    look what is heard now. Nothing that you type here is kept.
    """)
    return


@app.cell
def _(load_engine):
    engine = load_engine(semantic=False)
    labels = {concept.id: concept.pref_label for concept in engine.taxonomy.concepts}
    return engine, labels


@app.cell
def _(mo):
    note = mo.ui.text_area(
        value="Lonely since her husband died. Loves gardening and a good sing. No counselling. Can't afford much.",
        label="note",
        full_width=True,
    )
    note
    return (note,)


@app.cell
def _(SAMPLE_DATE, engine, note, read_consultation):
    profile = engine.understand(read_consultation({"id": "try", "note": note.value or "-"}), SAMPLE_DATE).profile
    return (profile,)


@app.cell
def _(labels, mo, pd, profile):
    wanted = pd.DataFrame(
        [{"concept": labels[w.concept], "weight": round(w.weight, 2), "heard in": w.quote} for w in profile.wants],
        columns=["concept", "weight", "heard in"],
    )
    declined = pd.DataFrame(
        [{"turned down": labels[concept], "heard in": quote} for concept, quote in profile.declined.items()],
        columns=["turned down", "heard in"],
    )
    mo.vstack([mo.md("## What is heard"), mo.ui.table(wanted, selection=None), mo.ui.table(declined, selection=None)])
    return declined, wanted


@app.cell
def _(alt, mo, wanted):
    wants_plot = (
        alt.Chart(wanted, title="How much each concept weighs in the request")
        .mark_bar(color="#555555")
        .encode(
            x=alt.X("weight", title="weight (0 to 1)", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("concept", title=None, sort="-x", axis=alt.Axis(labelLimit=300)),
        )
        .properties(width=460)
    )
    wants_plot if len(wanted) else mo.md("Nothing is heard in this note.")
    return (wants_plot,)


@app.cell
def _(labels, mo, profile):
    choices = {labels[want.concept]: want.concept for want in profile.wants}
    concept = mo.ui.dropdown(choices, value=next(iter(choices), None), label="which offers answer")
    mo.vstack([mo.md("## From a need to offers: the tag weights"), concept])
    return (concept,)


@app.cell
def _(alt, concept, engine, labels, mo, pd):
    offers = pd.DataFrame(
        [
            {"offer": labels[offer], "weight": weight, "services": int((engine.offers.column(offer) > 0.5).sum())}
            for (need, offer), weight in engine.taxonomy.links.items()
            if need == concept.value
        ],
        columns=["offer", "weight", "services"],
    )
    links_plot = (
        alt.Chart(offers.nlargest(20, "weight"), title="Need to offer weights, and how many services offer it")
        .mark_bar(color="#555555")
        .encode(
            x=alt.X("weight", title="tag weight (0 to 1)", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("offer", title=None, sort="-x", axis=alt.Axis(labelLimit=300)),
            opacity=alt.Opacity("services", title="services", scale=alt.Scale(range=[0.25, 1])),
            tooltip=["offer", "weight", "services"],
        )
        .properties(width=460)
    )
    links_plot if len(offers) else mo.md("No links lead from here: services are found by the concept itself.")
    return links_plot, offers


if __name__ == "__main__":
    app.run()
