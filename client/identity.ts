import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Io } from './io.ts';

export type IdentityOptions = { as?: string; key?: string };
export type Identity = { name: string; keyPath: string };

/** Who signs with which key: options, PLIMSOLL_AS and PLIMSOLL_KEY, else the OS user and their usual key. */
export const identity = ({ env }: Io, { as, key }: IdentityOptions): Identity => ({
  name: as ?? env['PLIMSOLL_AS'] ?? userInfo().username,
  keyPath: key ?? env['PLIMSOLL_KEY'] ?? join(env['HOME'] || homedir(), '.ssh', 'id_ed25519'),
});
