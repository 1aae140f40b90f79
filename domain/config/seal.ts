import { z } from 'zod';
import { SecretRef } from './words.ts';

/**
 * A public Ed25519 key: its SubjectPublicKeyInfo in DER, written in base64. The first characters
 * are always the same.
 */
const PublicSealKey = z
  .string()
  .regex(
    /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
    'use the public key that "plimsoll seal" prints: 60 characters, MCowBQYDK2VwAyEA…=',
  );

const mostKeys = 20;

/**
 * The key with which the workers seal plans and other facts. All workers share this key. `seal:
 * env:NAME` is the short form of `seal: { key: env:NAME }`.
 */
export const Seal = z.union([
  SecretRef.transform((key) => ({ key, public: [] as string[] })),
  z.strictObject({
    /**
     * The private key: its PKCS #8 form in DER, written in base64. `plimsoll seal --new` prints
     * such a key.
     */
    key: SecretRef,
    /**
     * The public keys whose seals are valid. This list contains the public key of `key`. During a
     * rotation, it also contains the next or the earlier key. If the list is empty, only seals of
     * `key` are valid, and clients cannot check a seal.
     */
    public: z.array(PublicSealKey).max(mostKeys).default([]),
  }),
]);
