import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { RequestError } from './answer.ts';

/** What decides who is let in. */
export interface GuardOptions {
  readonly token: string | undefined;
  readonly hosts: readonly string[];
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** What a proxy adds. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const;

/** Whether an address is this machine's alone. */
export function isLoopback(address: string): boolean {
  if (isIPv4(address)) return LOOPBACK.check(address, 'ipv4');
  return isIPv6(address) ? LOOPBACK.check(address, 'ipv6') : address === 'localhost';
}

/**
 * Says who may look, and who may act.
 * Without a token: requests of this machine, under one of its own names, so that a page whose name was rebound to it gets nothing. With a
 * token: whoever knows it.
 */
export class Guard {
  readonly #token: string | undefined;
  readonly #hosts: ReadonlySet<string>;
  readonly cookieName: string;
  readonly cookieValue: string;

  constructor({ token, hosts }: GuardOptions) {
    this.#token = token;
    this.#hosts = new Set([...LOOPBACK_NAMES, ...hosts]);
    // Cookies are shared by all ports of a host: each token has one of its own.
    const digest = token === undefined ? '' : createHash('sha256').update(`heddle ${token}`).digest('hex');
    this.cookieName = `heddle-${digest.slice(0, 8)}`;
    this.cookieValue = digest.slice(8);
  }

  /** Whether the token stands in the address: it is the first visit. */
  isFirstVisit(url: URL): boolean {
    const given = url.searchParams.get('token');
    return this.#token !== undefined && given !== null && same(given, this.#token);
  }

  /** @throws RequestError 401, 403 */
  admit(request: IncomingMessage): void {
    if (this.#token === undefined) {
      this.#admitLocal(request);
      return;
    }
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined && same(bearer, this.#token)) return;
    const cookie = cookieOf(request, this.cookieName);
    if (cookie !== undefined && same(cookie, this.cookieValue)) return;
    throw new RequestError(
      401,
      'A token is needed: open the address that was printed when the dashboard started (…/?token=…), or send it as a bearer',
    );
  }

  #admitLocal(request: IncomingMessage): void {
    const { remoteAddress } = request.socket;
    if (remoteAddress === undefined || !isLoopback(remoteAddress) || FORWARDED.some((name) => request.headers[name] !== undefined))
      throw new RequestError(403, 'Without a token only this machine is answered, and no proxy: give the dashboard a `token`');
    const host = hostName(request.headers.host);
    if (!this.#hosts.has(host))
      throw new RequestError(403, `Host \`${host}\` is not one of this dashboard: open it as localhost, or name the host in \`hosts\``);
  }

  /** What changes something comes from the page itself, or from a program. @throws RequestError 403, 415 */
  admitAction({ headers }: IncomingMessage): void {
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') throw new RequestError(403, 'Only the page itself may ask for this');
    const { origin, host = '' } = headers;
    if (origin !== undefined && hostOfOrigin(origin) !== host.toLowerCase())
      throw new RequestError(403, 'Only the page itself may ask for this');
    if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? ''))
      throw new RequestError(415, 'The body must be JSON, and `content-type` must say so');
  }
}

function hostOfOrigin(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

function hostName(host = ''): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

/** Of digests, which are of one length: neither says how much of a guess was right. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
