import { z } from 'zod';
import { SecretRef } from './words.ts';

/** A public Ed25519 key: base64 of its SubjectPublicKeyInfo in DER, which always starts the same. */
const PublicSealKey = z
  .string()
  .regex(
    /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
    'use the public key that "plimsoll seal" prints: 60 characters, MCowBQYDK2VwAyEA…=',
  );

const mostKeys = 20;

/**
 * The key with which the workers seal plans and other facts. All workers share it. The short form
 * `seal: env:NAME` stands for `seal: { key: env:NAME }`.
 */
export const Seal = z.union([
  SecretRef.transform((key) => ({ key, public: [] as string[] })),
  z.strictObject({
    /** The private key: base64 of its PKCS #8 in DER. `plimsoll seal --new` prints one. */
    key: SecretRef,
    /**
     * The public keys whose seals are valid: the one of `key`, and during a rotation also the next
     * or the earlier one. If the list is empty, only seals of `key` are valid, and clients cannot
     * check a seal.
     */
    public: z.array(PublicSealKey).max(mostKeys).default([]),
  }),
]);
