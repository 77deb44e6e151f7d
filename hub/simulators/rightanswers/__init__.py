"""A simulated RightAnswers tenant: its knowledge over the REST interface."""

from hub.simulators.rightanswers.app import RightAnswers
from hub.simulators.rightanswers.options import Options, Seeds, Solution

__all__ = ["Options", "RightAnswers", "Seeds", "Solution"]
