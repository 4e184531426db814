// The settings: how pages look changes at once, secrets can be copied.
import "../settings/look.js";
import "../settings/copy.js";
