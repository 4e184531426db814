// Talking to our own server: the API in JSON, pages in fragments.
import { nodes } from "./dom.js";
import { say } from "./texts.js";

/** What the server refused: `message` says why, `status` and `problem` are its answer. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? `${status}`);
    this.status = status;
    this.problem = problem ?? {};
  }
}

/** Send a request; throw Refused for an answer that is no success. */
export async function send(url, options = {}) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(say("base.offline"), { cause: error });
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  if (response.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  throw new Refused(response.status, problem);
}

/** Ask the API; `body` goes as JSON, or as a form if it is one. Return its JSON, or null. */
export async function api(method, path, body, options = {}) {
  const isForm = body instanceof FormData;
  const headers = { ...(body && !isForm ? { "Content-Type": "application/json" } : {}), ...options.headers };
  const payload = body && !isForm ? JSON.stringify(body) : body;
  const response = await send(`/api${path}`, { ...options, method, headers, body: payload });
  return response.status === 204 ? null : response.json();
}

/** Fetch a part of a page; return the answer, with its body unread. */
export const fragment = (url, options = {}) =>
  send(url, { ...options, headers: { "X-Fragment": "1", ...options.headers } });

/** Fetch a part of a page as nodes. */
export async function html(url, options) {
  return nodes(await (await fragment(url, options)).text());
}
