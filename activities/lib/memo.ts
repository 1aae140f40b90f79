import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import type { PackedPlan, SealedPlan } from '../../domain/deploy/plan.ts';

/**
 * The largest size of a plan in a memo, in bytes. The limit applies to an uncompressed plan and to
 * a compressed plan. A memo has room for 16 KB. The rest is for the gates.
 */
export const mostMemoBytes = 12 * 1024;
export const mostPackedBytes = 13 * 1024;
const mostReadableBytes = 15 * 1024;
const mostInflatedBytes = 4 * 1024 * 1024;

export const jsonBytes = (value: unknown): number => Buffer.byteLength(canonicalJson(value));

/**
 * Compresses a value. The plan of many hosts becomes small, because the texts of the hosts are
 * nearly equal.
 */
export const pack = (value: unknown): string => {
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
  return brotliCompressSync(canonicalJson(value), { params }).toString('base64');
};

/**
 * With this quality, compressing the plan of 100 hosts takes a few milliseconds. A higher quality
 * saves little space.
 */
const quality = 5;

/**
 * Returns the compressed plan if the sealed plan is too large for a memo. Returns undefined if the
 * sealed plan is small enough. Then people can read the plan in the Web UI.
 */
export const packedMemo = (sealed: SealedPlan): PackedPlan | undefined =>
  jsonBytes(sealed) <= mostReadableBytes ? undefined : { packed: pack(sealed) };

/**
 * Returns the sealed plan in a memo, exactly as it was sealed. Returns null if there is no plan, or
 * if the plan cannot be read. Everybody with access to the namespace can write a memo, so this plan
 * is not verified. The size of the decompressed plan is limited.
 */
export function readMemo(memo: unknown): SealedPlan | null {
  if (typeof memo !== 'object' || memo === null) return null;
  if (!('packed' in memo)) return memo as SealedPlan;
  if (typeof memo.packed !== 'string') return null;
  try {
    const packed = Buffer.from(memo.packed, 'base64');
    const json = brotliDecompressSync(packed, { maxOutputLength: mostInflatedBytes }).toString(
      'utf8',
    );
    return JSON.parse(json) as SealedPlan;
  } catch {
    return null;
  }
}
