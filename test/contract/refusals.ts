import type { Board } from '../../sandbox/board.ts';
import type { ServiceName } from './schema-source.ts';

type Given = {
  board: Board;
  service: ServiceName;
  token: string;
  /** A call of the table that this token may make. */
  url: string;
  /** The same for something that the vendor does not have. */
  missing: string;
  /** Takes the permission for `url` from the token. */
  forbid?(): void;
  /** A token without the permission for `url`. Default: `token`, after `forbid`. */
  weak?: string;
};

/**
 * Makes calls that the vendor refuses: with a wrong token, for something that is not there, in an
 * outage, too often, and without the permission.
 */
export async function refusals(given: Given): Promise<void> {
  const { board, service, token, url, missing, forbid, weak = token } = given;
  await ask(url, 'wrong');
  await ask(missing, token);
  for (const kind of ['429', '500-before'] as const) {
    board.arm({ service, match: '', kind, times: 1 });
    await ask(url, token);
  }
  forbid?.();
  await ask(url, weak);
}

export const ask = (url: string, token: string, more: RequestInit = {}) =>
  // A stand-in tells the calls of Plimsoll from those of wrangler by the name of the client.
  fetch(url, { headers: { authorization: `Bearer ${token}`, 'user-agent': 'plimsoll' }, ...more });
