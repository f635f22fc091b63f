import marimo

app = marimo.App(width="medium", app_title="1. The directory")


@app.cell
def _():
    import altair as alt
    import marimo as mo
    import pandas as pd

    from matcher import SAMPLE_DATE, check_catalogue, data_path, read_consultations, read_with_findings

    return SAMPLE_DATE, alt, check_catalogue, data_path, mo, pd, read_consultations, read_with_findings


@app.cell
def _(mo):
    mo.md("""
    # 1. The directory

    What is in it, what its entries leave out, where services are and where people are, and what is wrong with its
    records. Put in the path of your own directory, and the day you look at it.
    """)
    return


@app.cell
def _(SAMPLE_DATE, data_path, mo):
    where = mo.ui.text(value=str(data_path("sample", "services.json")), label="directory", full_width=True)
    day = mo.ui.date(value=SAMPLE_DATE, label="as of")
    mo.vstack([where, day])
    return day, where


@app.cell
def _(pd, read_with_findings, where):
    read = read_with_findings(where.value)
    catalogue = read.catalogue
    services = [catalogue[row] for row in range(len(catalogue))]
    said = {
        "description": lambda s: bool(s.description),
        "category": lambda s: bool(s.categories),
        "place": lambda s: s.place is not None,
        "days and times": lambda s: bool(s.sessions),
        "cost": lambda s: s.cost is not None or bool(s.fees),
        "ages": lambda s: s.min_age is not None or s.max_age is not None,
        "phone or e-mail": lambda s: bool(s.phones or s.email),
        "how to refer": lambda s: bool(s.referral),
        "access": lambda s: bool(s.accessibility),
        "last changed": lambda s: s.last_modified is not None,
    }
    gaps = pd.DataFrame(
        {"field": name, "share": 100 * sum(map(test, services)) / len(services)} for name, test in said.items()
    ).sort_values("share")
    return catalogue, gaps, read, services


@app.cell
def _(alt, mo, pd, services):
    in_it = pd.Series([category for s in services for category in s.categories or ["(none given)"]]).value_counts()
    contents = in_it.rename_axis("category").reset_index(name="services").head(25)
    contents_plot = (
        alt.Chart(contents, title="Services by the directory's own categories")
        .mark_bar(color="#555555")
        .encode(
            x=alt.X("services", title="services", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("category", title=None, sort="-x", axis=alt.Axis(labelLimit=260)),
        )
        .properties(width=420)
    )
    mo.vstack([mo.md(f"## What is in it: {len(services)} services"), contents_plot])
    return contents, contents_plot


@app.cell
def _(alt, catalogue, gaps, mo):
    gaps_plot = (
        alt.Chart(gaps, title=f"What {len(catalogue)} entries say")
        .mark_bar(color="#555555")
        .encode(
            x=alt.X("share", title="share of services that say it (%)", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("field", title=None, sort=list(gaps["field"])),
            tooltip=["field", alt.Tooltip("share", format=".0f")],
        )
        .properties(width=520)
    )
    mo.vstack([mo.md("## What entries leave out"), gaps_plot])
    return (gaps_plot,)


@app.cell
def _(alt, data_path, mo, pd, read_consultations, services):
    people = [c.location for c in read_consultations(data_path("sample", "consultations.jsonl")) if c.location]
    dots = pd.DataFrame(
        [{"who": "service", "lat": s.place.lat, "lon": s.place.lon} for s in services if s.place]
        + [{"who": "person asking", "lat": p.lat, "lon": p.lon} for p in people]
    )
    places_plot = (
        alt.Chart(dots, title="Where services are, and where people ask")
        .mark_point(filled=True, opacity=0.7)
        .encode(
            x=alt.X("lon", title="longitude (degrees)", scale=alt.Scale(zero=False)),
            y=alt.Y("lat", title="latitude (degrees)", scale=alt.Scale(zero=False)),
            shape=alt.Shape("who", title=None, scale=alt.Scale(range=["circle", "cross"])),
            color=alt.Color("who", title=None, scale=alt.Scale(range=["#111111", "#888888"])),
        )
        .properties(width=520, height=360)
    )
    mo.vstack([mo.md("## Where there are gaps on the map"), places_plot])
    return (places_plot,)


@app.cell
def _(catalogue, check_catalogue, day, mo, pd, read, services):
    found = [*read.findings, *check_catalogue(catalogue, day.value)]
    counts = pd.Series([finding.code for finding in found], dtype=str).value_counts()
    names = {service.id: service.name for service in services}
    findings = pd.DataFrame(
        {
            "finding": code.replace("_", " "),
            "services": int(number),
            "for example": next(names.get(f.service_id, f.text) for f in found if f.code == code),
        }
        for code, number in counts.items()
    )
    mo.vstack([mo.md("## What is wrong with the records"), mo.ui.table(findings, selection=None)])
    return (findings,)


if __name__ == "__main__":
    app.run()
