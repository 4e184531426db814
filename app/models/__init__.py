"""What is kept, and the managers that keep it."""

from app.models.api_key import ApiKey, Role
from app.models.batch import Batch
from app.models.budget import BudgetSpending
from app.models.generation import Generation, Status
from app.models.history_revision import Revision
from app.models.idempotency_key import IdempotencyKey
from app.models.image import Image, ImageBlob, ImageParent, ImageTag, ImageThumbnail, Source
from app.models.past_prompt import PastPrompt, PromptText
from app.models.prompt_template import PromptTemplate
from app.models.proof_sheet import ProofSheet, ProofSheetImage
from app.models.reporting.purged_image import PurgedImage
from app.models.reporting.series import ReportSeries
from app.models.reporting.sums import ReportKept, ReportLatency, ReportSum
from app.models.rollup import ImageRollup
from app.models.saved_search import SavedSearch
from app.models.schedule import Schedule
from app.models.search_index import SearchText
from app.models.tally import Tally
from app.models.web_session import LoginCode, SigningSecret, WebSession
from app.models.webhook_delivery import Event, WebhookDelivery
from app.models.worker import Worker

__all__ = [
    "ApiKey",
    "Batch",
    "BudgetSpending",
    "Event",
    "Generation",
    "IdempotencyKey",
    "Image",
    "ImageBlob",
    "ImageParent",
    "ImageRollup",
    "ImageTag",
    "ImageThumbnail",
    "LoginCode",
    "PastPrompt",
    "PromptTemplate",
    "PromptText",
    "ProofSheet",
    "ProofSheetImage",
    "PurgedImage",
    "ReportKept",
    "ReportLatency",
    "ReportSeries",
    "ReportSum",
    "Revision",
    "Role",
    "SavedSearch",
    "Schedule",
    "SearchText",
    "SigningSecret",
    "Source",
    "Status",
    "Tally",
    "WebSession",
    "WebhookDelivery",
    "Worker",
]
