// The queue by itself.
import "../queue/queue.js";
