import { generateKeyPairSync } from 'node:crypto';
import { createSeals } from '../../activities/lib/seals.ts';
import type { Seals } from '../../activities/lib/seals.ts';

/** The seals of a worker with a new key. */
export const freshSeals = (): Seals => createSeals(generateKeyPairSync('ed25519').privateKey);
