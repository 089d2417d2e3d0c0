"""The clusters that these tests start themselves."""

from __future__ import annotations

from tests.servers.condor import condor
from tests.servers.slurm import slurm
from tests.servers.spark import spark

__all__ = ["condor", "slurm", "spark"]  # fixtures
