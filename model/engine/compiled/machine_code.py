"""LLVM code to functions of this machine, kept on disk by what the code says."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

OPTIMISATION = 2


def _target() -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=OPTIMISATION, jit=True
    )


class MachineCode:
    """The functions of one module.

    Args:
        code: an object file.
        machine: for which it was made.
        digest: by which it is kept.
    """

    def __init__(self, code: bytes, machine: llvm.TargetMachine, digest: str) -> None:
        self.digest = digest
        self._machine = machine
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    @classmethod
    def of_text(cls, text: str, folder: Path) -> MachineCode:
        """Compile LLVM code, unless it was compiled before.

        Args:
            text: LLVM code.
            folder: where compiled code is kept.
        """
        machine = _target()
        digest = hashlib.sha256("\n".join([text, *_machine_facts()]).encode()).hexdigest()
        path = _file(digest, folder)
        try:
            code = path.read_bytes()
        except OSError:
            code = _compiled(text, machine)
            write_whole(code, path)
        return cls(code, machine, digest)

    @classmethod
    def of_digest(cls, digest: str, folder: Path) -> MachineCode:
        """Load code that was compiled before.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        return cls(_file(digest, folder).read_bytes(), _target(), digest)

    def address(self, name: str) -> int:
        """Return the address of a function."""
        return int(self._engine.get_function_address(name))


def _machine_facts() -> list[str]:
    return [llvmlite.__version__, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]


def _file(digest: str, folder: Path) -> Path:
    # Code of another processor, as in a home folder that machines share, is never taken for that of this one.
    machine = hashlib.sha256("\n".join(_machine_facts()).encode()).hexdigest()[:8]
    return folder / f"{digest[:32]}-{machine}.o"


def _compiled(text: str, machine: llvm.TargetMachine) -> bytes:
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(OPTIMISATION)
    options.loop_unrolling = False
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


def write_whole(content: bytes, path: Path) -> None:
    """Write a file, whole or not at all; where it cannot be written it is made again next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(content)
        Path(stream.name).replace(path)
    except OSError:
        return
