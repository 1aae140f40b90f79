import { hostOfUrl, isLoopback } from '../../../domain/lib/hosts.ts';
import {
  answersNoJson,
  doorAway,
  insecureServer,
  wrongServer,
} from '../../../domain/messages/door-client.ts';
import { UserError } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';

/** The door cannot be reached, or cannot answer now. The client may repeat the call. */
export class DoorAway extends UserError {}
/** The door does not know this session, or the session has ended. */
export class NoSession extends UserError {}

/** Sends one call to the door, and returns its result. `token` is the token of the session. */
export type Post = (call: string, input: unknown, token: string | null) => Promise<unknown>;

/** The largest answer to read, in bytes. No answer of the door is larger. */
const mostBytes = 64_000_000;
/** The time limit of one call, in milliseconds. The door itself waits for at most 20 s. */
const longestMs = 40_000;

/**
 * Returns the address of the door without its path. Throws a UserError if the text is not an
 * address.
 */
export function originOf(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.pathname !== '/')
    throw new UserError(wrongServer(server), exitCodes.usage);
  if (url.protocol === 'http:' && !isLoopback(hostOfUrl(server)))
    throw new UserError(insecureServer(server), exitCodes.usage);
  return url.origin;
}

export const createPost =
  (origin: string, timeoutMs = longestMs): Post =>
  async (call, input, token) => {
    const response = await fetch(`${origin}/v1/${call}`, {
      method: 'POST',
      body: JSON.stringify(input),
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: Error) => {
      throw new DoorAway(doorAway(origin, reasonOf(cause)));
    });
    const text = await textOf(response).catch((cause: Error) => {
      throw new DoorAway(doorAway(origin, reasonOf(cause)));
    });
    const body = read(text);
    if (response.ok && 'result' in body) return body.result;
    const { error } = body;
    if (error === undefined) throw new DoorAway(answersNoJson(origin, response.status));
    const { code, message, exitCode } = error;
    if (code === 'no-session') throw new NoSession(message, exitCodes.notAllowed);
    if (code === 'away' || code === 'busy' || code === 'too-many')
      throw new DoorAway(message, exitCodes.failed);
    throw new UserError(message, exitCode);
  };

type Body = {
  result?: unknown;
  error?: { code: string; message: string; exitCode: number };
};

function read(text: string): Body {
  try {
    const body = JSON.parse(text) as Body;
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Returns the first cause of a failed `fetch`. This cause names the network error. */
function reasonOf(cause: Error): string {
  let at = cause;
  while (at.cause instanceof Error) at = at.cause;
  const { code } = at as { code?: unknown };
  return typeof code === 'string' ? code : at.message;
}
