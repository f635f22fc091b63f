"""Directories of services: what is wrong in one, and fetching one."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.common import AsOfOption, DecisionsOption, SettingsOption, date_of, engine_of, one_line_errors


def check(
    catalogue: Annotated[list[Path], typer.Argument(help="A directory of services; several are read together.")],
    as_of: AsOfOption = None,
    format: Annotated[str, typer.Option("--format", help="table or json")] = "table",
    examples: Annotated[int, typer.Option(min=0, help="How many examples to show of each finding.")] = 3,
) -> None:
    """List what is wrong or missing in a directory, with counts and a completeness score a service."""
    from matcher import presentation
    from matcher.catalogue import check_catalogue, completeness_scores, read_with_findings

    with one_line_errors():
        read = read_with_findings(*catalogue)
        findings = [*read.findings, *check_catalogue(read.catalogue, date_of(as_of) or date.today())]  # noqa: DTZ011
        scores = completeness_scores(read.catalogue)
        if format == "json":
            typer.echo(json.dumps(presentation.findings_json(findings, scores), ensure_ascii=False, indent=2))
        else:
            presentation.print_findings(findings, scores, examples)


def index(
    catalogue: Annotated[list[Path], typer.Argument(help="A directory of services; several are read together.")],
    output: Annotated[Path, typer.Option("--output", help="The folder to write; give it as --catalogue later.")],
    settings: SettingsOption = None,
    decisions: DecisionsOption = None,
) -> None:
    """Read a large directory once and keep what was worked out of it, so that every later start takes seconds."""
    from matcher.snapshot import save_snapshot

    with one_line_errors():
        engine = engine_of(catalogue, settings, semantic=False, decisions=decisions)
        save_snapshot(engine, output)
        typer.echo(f"{len(engine.catalogue)} services indexed in {output.name}")


def harvest(
    url: Annotated[str, typer.Argument(help="The base address of an Open Referral API.")],
    output: Annotated[Path, typer.Option("--output", help="The snapshot file to write (.json).")],
) -> None:
    """Fetch every service of a live Open Referral API into one snapshot; run again to go on after a stop."""
    from rich.progress import Progress

    from matcher.harvest import harvest as run

    with one_line_errors(), Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("services", total=None)
        result = run(url, output, progress=lambda done, total: bar.update(task, completed=done, total=total))
        typer.echo(f"{result.services} services written to {output.name}, {len(result.failed)} only from the list")
        for service_id, reason in list(result.failed.items())[:5]:
            typer.echo(f"  {service_id}: {reason}", err=True)
