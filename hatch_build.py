"""Compiles what is asked of every service (the ``.pyx`` files), in place, when the package is built or installed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from Cython.Build import cythonize
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension

ROOT = Path(__file__).parent


class CompiledModules(BuildHookInterface):  # type: ignore[type-arg]
    """Puts a compiled module beside each ``.pyx`` file and into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compile_in_place()
        build_data["pure_python"], build_data["infer_tag"] = False, True


def compile_in_place() -> None:
    """One extension module a ``.pyx`` file; the C code between them is thrown away."""
    os.chdir(ROOT)
    sources = sorted(path.relative_to(ROOT) for path in (ROOT / "matcher").rglob("*.pyx"))
    with tempfile.TemporaryDirectory() as folder:
        names = {".".join(path.with_suffix("").parts): str(path) for path in sources}
        extensions = [Extension(name, [source], extra_compile_args=["-O3"]) for name, source in names.items()]
        distribution = Distribution({"ext_modules": cythonize(extensions, build_dir=folder, quiet=True)})
        build = distribution.get_command_obj("build_ext")
        build.inplace, build.build_lib, build.build_temp, build.parallel = True, folder, folder, True
        build.ensure_finalized()
        build.run()


if __name__ == "__main__":
    compile_in_place()
