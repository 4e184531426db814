// The composer by itself.
import "../composer/composer.js";
import "../queue/queue.js";
