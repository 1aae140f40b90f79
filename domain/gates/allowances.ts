/** The finding with this fingerprint is accepted until the end of the day `until` (UTC). */
export type Allowance = { fingerprint: string; reason: string; until: string };

export type Finding = {
  file: string;
  line: number;
  rule: string;
  /** Identifies the secret without revealing it. */
  fingerprint: string;
  /** The commit in this deploy that added the secret. Absent: the secret is in the current tree. */
  commit?: string;
};

export type Sorted = {
  against: (Finding & { expired?: Allowance })[];
  allowed: (Finding & { by: Allowance })[];
};

/**
 * Separates the allowed findings from the findings that count against the deploy. If several
 * allowances name the same finding, the allowance with the latest `until` counts. `now` is an ISO
 * time.
 */
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
