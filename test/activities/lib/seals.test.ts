import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSeals, createSealVerifier, sealKeyId } from '../../../activities/lib/seals.ts';

const pair = () => generateKeyPairSync('ed25519');
const body = { deployId: 'd-0123456789ab', sha: 'a'.repeat(40), hosts: ['a', 'b'] };

describe('the seal of the workers', () => {
  const { privateKey, publicKey } = pair();
  const seals = createSeals(privateKey);

  it('is valid for the same facts in any order of the keys', () => {
    const seal = seals.seal('plan', body);
    const { deployId, sha, hosts } = body;
    expect(seals.whyInvalid('plan', { hosts, sha, deployId }, seal)).toBeNull();
    expect(seal.startsWith(`${sealKeyId(publicKey)}.`)).toBe(true);
  });

  it('is not valid for another kind or for changed facts', () => {
    const seal = seals.seal('plan', body);
    const changed = 'it was changed after a worker sealed it';
    expect(seals.whyInvalid('gate', body, seal)).toBe(changed);
    expect(seals.whyInvalid('plan', { ...body, sha: 'b'.repeat(40) }, seal)).toBe(changed);
    expect(seals.whyInvalid('plan', { ...body, more: 1 }, seal)).toBe(changed);
  });

  it('refuses a missing seal, a seal of a stranger and a cut seal', () => {
    const stranger = createSeals(pair().privateKey).seal('plan', body);
    const none = 'it has no seal of a worker';
    expect(seals.whyInvalid('plan', body, undefined)).toBe(none);
    expect(seals.whyInvalid('plan', body, {})).toBe(none);
    expect(seals.whyInvalid('plan', body, seals.seal('plan', body).slice(0, -1))).toBe(none);
    expect(seals.whyInvalid('plan', body, stranger)).toBe(
      `it is sealed with the key ${stranger.slice(0, 16)}, which is not in seal.public`,
    );
  });

  it('is verified with public keys alone', () => {
    const verifier = createSealVerifier([pair().publicKey, publicKey]);
    expect(verifier.whyInvalid('plan', body, seals.seal('plan', body))).toBeNull();
    expect(verifier.whyInvalid('plan', { ...body, more: 1 }, seals.seal('plan', body))).toBe(
      'it was changed after a worker sealed it',
    );
    expect(Object.keys(verifier)).toEqual(['publicKeys', 'whyInvalid']);
    const none = createSealVerifier([], 'the file');
    expect(none.whyInvalid('plan', body, seals.seal('plan', body))).toBe(
      `it is sealed with the key ${sealKeyId(publicKey)}, which is not in the file`,
    );
  });

  it('keeps seals of an earlier key valid, and does not sign with it', () => {
    const earlier = createSeals(privateKey).seal('plan', body);
    const next = pair();
    const rotated = createSeals(next.privateKey, [publicKey]);
    expect(rotated.whyInvalid('plan', body, earlier)).toBeNull();
    expect(rotated.seal('plan', body).startsWith(sealKeyId(next.publicKey))).toBe(true);
  });
});
