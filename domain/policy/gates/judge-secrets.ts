import { count } from '../numbers.ts';
import { judged, type Judged, list, unread } from './judged.ts';

export type SecretFacts = {
  filesScanned: number;
  /** Rules that crashed: what they would have found is unknown. */
  crashedRules: string[];
  /** Where, and by which rule; never what. */
  findings: { file: string; line: number; rule: string }[];
  /** Names of variables that the release needs. */
  required: string[];
  /** Per host the names that are not set; null = the host did not answer. */
  hosts: { host: string; missing: string[] | null }[];
  /** What could not be read, one sentence each. */
  sourceErrors: string[];
};

function codeAgainst({ filesScanned, crashedRules, findings }: SecretFacts): string[] {
  return [
    ...(filesScanned > 0
      ? []
      : ['no file was scanned: an empty scan proves nothing. Look at the commit and the scanner.']),
    ...crashedRules.map(
      (rule) => `rule "${rule}" crashed: what it would have found is unknown. Run it again.`,
    ),
    ...findings.map(
      ({ file, line, rule }) =>
        `${file}:${line} holds a secret (${rule}). ` +
        'Revoke it at its issuer, remove it from the code, then deploy the new commit.',
    ),
  ];
}

function hostAgainst({ host, missing }: SecretFacts['hosts'][number]): string[] {
  if (missing === null)
    return [
      `${host} did not answer: whether its variables are set is unknown. ` +
        'Reach it, then deploy again.',
    ];
  return missing.length > 0
    ? [`${host} lacks ${list(missing)}. Set what is missing there, then deploy again.`]
    : [];
}

/** No key in code, every required variable's name set on every host. Values are never read. */
export function judgeSecrets(facts: SecretFacts): Judged {
  const { required, hosts, filesScanned } = facts;
  const nobody =
    required.length > 0 && hosts.length === 0
      ? ['no host was asked for its variables: nothing is known. Look at the configuration.']
      : [];
  const against = [
    ...unread(facts.sourceErrors),
    ...codeAgainst(facts),
    ...nobody,
    ...hosts.flatMap(hostAgainst),
  ];
  const names =
    required.length > 0
      ? `${count(required.length, 'required variable')} set on ${count(hosts.length, 'host')}; ` +
        'values are never read, an empty one cannot be seen'
      : 'no required variable is configured';
  return judged(against, [`${count(filesScanned, 'file')} scanned, no secret found`, names]);
}
