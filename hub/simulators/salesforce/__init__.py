"""A simulated Salesforce org with cases, files, knowledge and patches, over the REST API."""

from __future__ import annotations

from hub.simulators.salesforce.app import Salesforce
from hub.simulators.salesforce.engineer import Engineer
from hub.simulators.salesforce.options import Article, Options, Seeds
from hub.simulators.salesforce.schema import Field

__all__ = ["Article", "Engineer", "Field", "Options", "Salesforce", "Seeds"]
