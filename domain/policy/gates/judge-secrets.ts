import { plimsoll } from '../../messages.ts';
import { count } from '../numbers.ts';
import { sortFindings, type Allowance, type Finding, type Sorted } from './allowances.ts';
import { judged, type Judged, list, unread } from './judged.ts';

export type SecretFacts = {
  filesScanned: number;
  /** Rules that crashed: what they would have found is unknown. */
  crashedRules: string[];
  /** Where, and by which rule; never what. */
  findings: Finding[];
  /** Commits whose every content was read as well; 0 = only the tree is shipped. */
  commitsScanned: number;
  /** What plimsoll.yaml allows, and the ISO time at which that is asked. */
  allow: Allowance[];
  now: string;
  /** Names of variables that the release needs. */
  required: string[];
  /** A file of the commit that lists such names, and that nobody configured. */
  overlooked?: string | null;
  /** Per host the names that are not set; null = the host did not answer. */
  hosts: { host: string; missing: string[] | null }[];
  /** What could not be read, one sentence each. */
  sourceErrors: string[];
};

const mostShown = 20;

function codeAgainst({ filesScanned, crashedRules }: SecretFacts, { against }: Sorted): string[] {
  const rest = against.length - mostShown;
  return [
    ...(filesScanned > 0
      ? []
      : ['no file was scanned: an empty scan proves nothing. Look at the commit and the scanner.']),
    ...crashedRules.map(
      (rule) => `rule "${rule}" crashed: what it would have found is unknown. Run it again.`,
    ),
    ...against.slice(0, mostShown).map(secretText),
    ...(rest > 0
      ? [`${count(rest, 'more secret')}. See all of them: ${plimsoll} scan DIRECTORY`]
      : []),
  ];
}

function secretText({ expired, ...finding }: Sorted['against'][number]): string {
  const ended = expired ? ` What allowed it ("${expired.reason}") ended on ${expired.until}.` : '';
  return `${whereAndWhat(finding)} Fingerprint ${finding.fingerprint}.${ended}`;
}

const whereAndWhat = ({ file, line, rule, commit }: Finding) =>
  commit === undefined
    ? `${file}:${line} holds a secret (${rule}). ` +
      'Revoke it at its issuer, remove it from the code, then deploy the new commit.'
    : `${file}:${line} held a secret (${rule}) in commit ${commit.slice(0, 7)}, and the history ` +
      'keeps it. Revoke it at its issuer, then allow it under secrets.allow in plimsoll.yaml.';

const allowedText = ({ file, line, rule, fingerprint, by }: Sorted['allowed'][number]) =>
  `allowed until ${by.until}: ${file}:${line} (${rule}, ${fingerprint}), "${by.reason}"`;

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

const noneRequired = ({ overlooked }: SecretFacts) =>
  overlooked
    ? `no required variable is configured, though the commit has ${overlooked}: ` +
      `"variablesFile: ${overlooked}" in plimsoll.yaml asks for every name in it`
    : 'no required variable is configured';

/** No key in code, every required variable's name set on every host. Values are never read. */
export function judgeSecrets(facts: SecretFacts): Judged {
  const { required, hosts, filesScanned, commitsScanned } = facts;
  const sorted = sortFindings(facts.findings, facts.allow, facts.now);
  const nobody =
    required.length > 0 && hosts.length === 0
      ? ['no host was asked for its variables: nothing is known. Look at the configuration.']
      : [];
  const against = [
    ...unread(facts.sourceErrors),
    ...codeAgainst(facts, sorted),
    ...nobody,
    ...hosts.flatMap(hostAgainst),
  ];
  const names =
    required.length > 0
      ? `${count(required.length, 'required variable')} set on ${count(hosts.length, 'host')}; ` +
        'values are never read, an empty one cannot be seen'
      : noneRequired(facts);
  const commits = commitsScanned > 0 ? ` and ${count(commitsScanned, 'commit')}` : '';
  const scanned = `${count(filesScanned, 'file')}${commits} scanned, no secret found`;
  return judged(against, [scanned, ...sorted.allowed.map(allowedText), names]);
}
