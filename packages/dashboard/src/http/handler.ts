import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DashboardStore } from '../store/store.ts';
import { answerJson, begin, RequestError } from './answer.ts';
import { readObject } from './body.ts';
import type { EventStream } from './event-stream.ts';
import type { Guard } from './guard.ts';
import { PageFiles } from './page-files.ts';
import type { Requests } from './requests.ts';

/** Answers requests of `node:http`; settles when it has, never rejects. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What a handler stands on. */
export interface HandlerParts {
  readonly basePath: string;
  readonly guard: () => Guard;
  readonly store: DashboardStore;
  readonly stream: EventStream;
  readonly requests: Requests;
  /** Why a task stands where it stands, where somebody can tell. */
  readonly why: (id: string) => string | undefined;
  readonly readOnly: boolean;
  readonly start: boolean;
}

/** The handler of a dashboard: the page, its stream of events, tasks one by one, and what may be done to them. */
export function createHandler(parts: HandlerParts): RequestHandler {
  const files = new PageFiles();
  return async (request, response) => {
    try {
      await route(request, response, parts, files);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (error instanceof RequestError) answerJson(response, error.status, { error: error.message });
      else answerJson(response, 500, { error: 'Something went wrong here' });
    }
  };
}

async function route(request: IncomingMessage, response: ServerResponse, parts: HandlerParts, files: PageFiles): Promise<void> {
  const { basePath } = parts;
  const guard = parts.guard();
  const url = new URL(request.url ?? '/', 'http://dashboard');
  if (url.pathname === basePath && basePath !== '') {
    redirect(response, `${basePath}/${url.search}`);
    return;
  }
  if (!url.pathname.startsWith(`${basePath}/`)) throw new RequestError(404, 'There is nothing here');
  if (request.method === 'GET' && guard.isFirstVisit(url)) {
    const secure = 'encrypted' in request.socket ? '; Secure' : '';
    const cookie = `${guard.cookieName}=${guard.cookieValue}; Path=${basePath}/; HttpOnly; SameSite=Strict${secure}`;
    redirect(response, `${basePath}/`, { 'set-cookie': cookie });
    return;
  }
  guard.admit(request);
  const path = url.pathname
    .slice(basePath.length + 1)
    .split('/')
    .map(decoded);
  if (request.method === 'POST') {
    await act(request, response, path, parts, guard);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new RequestError(405, 'Only GET and POST are known here');
  await look(response, path, parts, files);
}

async function look(
  response: ServerResponse,
  path: readonly string[],
  { store, stream, why }: HandlerParts,
  files: PageFiles,
): Promise<void> {
  const [first = '', second, ...rest] = path;
  const file = first === '' ? 'index.html' : first;
  if (second === undefined && files.has(file)) files.answer(file, response);
  else if (second === undefined && first === 'events') await stream.open(response);
  else if (second === undefined && first === 'snapshot') {
    await store.lanes.look();
    answerJson(response, 200, stream.hello());
  } else if (first === 'tasks' && second !== undefined && rest.length === 0) {
    const details = store.details(second);
    if (details === undefined)
      throw new RequestError(404, `Nothing is known of a task ${second}: it has not been, or it is not kept any more`);
    const reason = details.open ? why(second) : undefined;
    answerJson(response, 200, reason === undefined ? details : { ...details, why: reason });
  } else throw new RequestError(404, 'There is nothing here');
}

async function act(
  request: IncomingMessage,
  response: ServerResponse,
  path: readonly string[],
  { requests, readOnly, start }: HandlerParts,
  guard: Guard,
): Promise<void> {
  const [what, which = '', verb, ...rest] = path;
  const name = rest.length === 0 ? `${what}/${verb}` : '';
  const asked = {
    'tasks/cancel': requests.cancel,
    'coroutines/resume': requests.resume,
    'lanes/kill': requests.endLane,
    'actions/start': requests.start,
  }[name];
  if (asked === undefined) throw new RequestError(404, 'There is nothing here');
  guard.admitAction(request);
  if (readOnly) throw new RequestError(403, 'This dashboard is read-only');
  if (name === 'actions/start' && !start) throw new RequestError(403, 'This dashboard starts nothing: its `start` is not set');
  answerJson(response, 200, await asked(which, await readObject(request)));
}

function redirect(response: ServerResponse, location: string, headers: Readonly<Record<string, string>> = {}): void {
  begin(response, 303, { location, 'cache-control': 'no-store', ...headers });
  response.end();
}

/** @throws RequestError 400 */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RequestError(400, 'The address is not well formed');
  }
}
