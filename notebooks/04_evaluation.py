import marimo

app = marimo.App(width="medium", app_title="4. How good is it, and for whom")


@app.cell
def _():
    import altair as alt
    import marimo as mo
    import pandas as pd

    from matcher import SAMPLE_DATE, Inputs, evaluate

    return Inputs, SAMPLE_DATE, alt, evaluate, mo, pd


@app.cell
def _(mo):
    mo.md("""
    # 4. How good is it, and for whom

    The matcher and what it has to beat, behind the same eligibility screen, against the judges' grades. Every mean has
    its 95% bootstrap interval; groups below ten people have no figure. `matcher evaluate --report` writes all of it.
    """)
    return


@app.cell
def _(mo):
    part = mo.ui.dropdown(
        ["lexical", "tags", "availability", "cost", "coverage", "not_for_them"], value="lexical", label="leave out"
    )
    part
    return (part,)


@app.cell
def _(Inputs, SAMPLE_DATE, evaluate, part):
    scorecard = evaluate(
        Inputs(), as_of=SAMPLE_DATE, with_baselines=True, without=[part.value] if part.value else [], semantic=False
    )
    return (scorecard,)


@app.cell
def _(mo):
    measure = mo.ui.dropdown(
        ["nDCG@10", "success@3", "facet coverage@5", "recall@20", "barred@10"], value="nDCG@10", label="measure"
    )
    measure
    return (measure,)


@app.cell
def _(alt, measure, mo, pd, scorecard):
    def dots(rows, title, unit):
        frame = pd.DataFrame(rows, columns=["name", "mean", "low", "high", "n"])
        order = list(frame["name"])
        base = alt.Chart(frame, title=title).encode(
            y=alt.Y("name", title=None, sort=order, axis=alt.Axis(labelLimit=260))
        )
        lines = base.mark_rule(color="#777777", strokeWidth=2).encode(x=alt.X("low", title=unit), x2="high")
        points = base.mark_point(filled=True, size=60, color="black", opacity=1).encode(
            x="mean", tooltip=["name", "n", alt.Tooltip("mean", format=".3f")]
        )
        return (lines + points).properties(width=480)

    unit = "suggestions a consultation" if measure.value.startswith("barred") else f"{measure.value} (0 to 1)"
    figures = {name: found[measure.value] for name, found in scorecard.figures.items()}
    runs_plot = dots(
        [{"name": name, "mean": f.mean, "low": f.low, "high": f.high, "n": f.n} for name, f in figures.items()],
        f"{measure.value} of each run, with 95% intervals",
        unit,
    )
    mo.vstack([mo.md("## Against what it has to beat"), runs_plot])
    return dots, figures, runs_plot, unit


@app.cell
def _(mo, pd, scorecard):
    against = pd.DataFrame(
        {
            "run": comparison.run,
            "measure": name,
            "difference": round(found.figure.mean, 3),
            "p (Holm)": round(found.p_holm, 4),
            "better": found.better,
            "worse": found.worse,
            "verdict": found.verdict,
        }
        for comparison in scorecard.comparisons
        for name, found in comparison.differences.items()
    )
    mo.vstack([mo.md("## Is the difference real?"), mo.ui.table(against, selection=None, page_size=12)])
    return (against,)


@app.cell
def _(mo, scorecard):
    slices = {found.name: found for found in scorecard.slices[scorecard.reference.name]}
    divided_by = mo.ui.dropdown(list(slices), value="age", label="divide people by")
    mo.vstack([mo.md("## For whom is it worse?"), divided_by])
    return divided_by, slices


@app.cell
def _(divided_by, dots, mo, slices):
    groups = slices[divided_by.value].groups
    rows = [
        {"name": f"{g.name} (n {g.n})", "mean": f.mean, "low": f.low, "high": f.high, "n": g.n}
        for g in groups
        if not g.too_few
        for f in [g.figures["nDCG@10"]]
    ]
    small = ", ".join(f"{g.name} (n {g.n})" for g in groups if g.too_few)
    slices_plot = dots(rows, f"nDCG@10 by {divided_by.value}, with 95% intervals", "nDCG@10 (0 to 1)")
    mo.vstack([slices_plot, mo.md(f"Too few for a figure: {small or 'none'}.")])
    return groups, slices_plot, small


if __name__ == "__main__":
    app.run()
