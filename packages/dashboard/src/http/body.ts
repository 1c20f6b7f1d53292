import type { IncomingMessage } from 'node:http';
import { RequestError } from './answer.ts';

const MAX_BYTES = 1024 * 1024;

/** The body of a request, a JSON object. @throws RequestError 400, 413 */
export async function readObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Buffer); // of a stream without an encoding
    size += bytes.length;
    if (size > MAX_BYTES) throw new RequestError(413, `The body is over ${MAX_BYTES} bytes`);
    chunks.push(bytes);
  }
  const value = parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RequestError(400, 'The body must be a JSON object');
  return value as Readonly<Record<string, unknown>>; // a plain object
}

function parse(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new RequestError(400, `The body is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
