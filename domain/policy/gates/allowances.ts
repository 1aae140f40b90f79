/** A finding that somebody vouches for, until the end of that day (UTC). */
export type Allowance = { fingerprint: string; reason: string; until: string };

export type Finding = {
  file: string;
  line: number;
  rule: string;
  /** Names the secret without telling it. */
  fingerprint: string;
  /** The shipped commit that brought it, where the tree does not hold it any more. */
  commit?: string;
};

export type Sorted = {
  against: (Finding & { expired?: Allowance })[];
  allowed: (Finding & { by: Allowance })[];
};

/** `now` is ISO time. Of several allowances the one that lasts longest speaks. */
export function sortFindings(
  findings: readonly Finding[],
  allowances: readonly Allowance[],
  now: string,
): Sorted {
  const sorted: Sorted = { against: [], allowed: [] };
  for (const finding of findings) {
    const [by] = allowances
      .filter(({ fingerprint }) => fingerprint === finding.fingerprint)
      .toSorted((one, other) => other.until.localeCompare(one.until));
    if (by && by.until >= now.slice(0, 10)) sorted.allowed.push({ ...finding, by });
    else sorted.against.push(by ? { ...finding, expired: by } : finding);
  }
  return sorted;
}
