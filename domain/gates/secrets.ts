import { plimsoll } from '../deploy/wire.ts';
import { count } from '../messages/parts/numbers.ts';
import { sortFindings, type Allowance, type Finding, type Sorted } from './allowances.ts';
import { judged, type Judged, list, unread } from './judged.ts';

export type SecretFacts = {
  filesScanned: number;
  /** Scans that crashed, such as "the scan of src/a.ts"; their findings are unknown. */
  crashedRules: string[];
  /**
   * The file and line of each secret, and the rule that found the secret. Never the secret itself.
   */
  findings: Finding[];
  /** Number of commits in this deploy that were scanned in addition to the tree. */
  commitsScanned: number;
  /** The allowances of plimsoll.yaml. `now` is the current ISO time. */
  allow: Allowance[];
  now: string;
  /** Names of the variables that the release needs. */
  required: string[];
  /** A file in the commit that lists variable names, but is not configured as `variablesFile`. */
  overlooked?: string | null;
  /** For each host the names that are not set; null = the host did not answer. */
  hosts: { host: string; missing: string[] | null }[];
  /** One sentence for each source that could not be read. */
  sourceErrors: string[];
};

const mostShown = 20;

function codeAgainst({ filesScanned, crashedRules }: SecretFacts, { against }: Sorted): string[] {
  const rest = against.length - mostShown;
  return [
    ...(filesScanned > 0
      ? []
      : [
          'no file was scanned, and an empty scan proves nothing. Check the commit and the ' +
            'scanner.',
        ]),
    ...crashedRules.map(
      (scan) => `${scan} crashed, so its findings are unknown. Run the scan again.`,
    ),
    ...against.slice(0, mostShown).map(secretText),
    ...(rest > 0
      ? [`${count(rest, 'more secret')}. See all of them: ${plimsoll} scan DIRECTORY`]
      : []),
  ];
}

function secretText({ expired, ...finding }: Sorted['against'][number]): string {
  const ended = expired ? ` The allowance ("${expired.reason}") ended on ${expired.until}.` : '';
  return `${whereAndWhat(finding)} Fingerprint ${finding.fingerprint}.${ended}`;
}

const whereAndWhat = ({ file, line, rule, commit }: Finding) =>
  commit === undefined
    ? `${file}:${line} contains a secret (${rule}). Revoke the secret at its issuer, remove ` +
      'the secret from the code, then deploy the new commit.'
    : `${file}:${line} contained a secret (${rule}) in commit ${commit.slice(0, 7)}, and the ` +
      'secret stays in the history. Revoke the secret at its issuer, then allow the fingerprint ' +
      'under secrets.allow in plimsoll.yaml.';

const allowedText = ({ file, line, rule, fingerprint, by }: Sorted['allowed'][number]) =>
  `allowed until ${by.until}: ${file}:${line} (${rule}, ${fingerprint}), "${by.reason}"`;

function hostAgainst({ host, missing }: SecretFacts['hosts'][number]): string[] {
  if (missing === null)
    return [
      `${host} did not answer, so it is unknown whether its variables are set. Make it ` +
        'reachable, then deploy again.',
    ];
  return missing.length > 0
    ? [`${host} lacks ${list(missing)}. Set the missing variables there, then deploy again.`]
    : [];
}

const noneRequired = ({ overlooked }: SecretFacts) =>
  overlooked
    ? `no required variable is configured, although the commit has ${overlooked}. Write ` +
      `"variablesFile: ${overlooked}" in plimsoll.yaml to require every name in that file`
    : 'no required variable is configured';

/**
 * Opens the gate if the code contains no secret and every required variable is set on every host.
 * Only the names of variables are read, never their values.
 */
export function judgeSecrets(facts: SecretFacts): Judged {
  const { required, hosts, filesScanned, commitsScanned } = facts;
  const sorted = sortFindings(facts.findings, facts.allow, facts.now);
  const nobody =
    required.length > 0 && hosts.length === 0
      ? ['no host was asked for its variables, so there is no data. Check the configuration.']
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
        'values are never read, so an empty value is not noticed'
      : noneRequired(facts);
  const commits = commitsScanned > 0 ? ` and ${count(commitsScanned, 'commit')}` : '';
  const scanned = `${count(filesScanned, 'file')}${commits} scanned, no secret found`;
  return judged(against, [scanned, ...sorted.allowed.map(allowedText), names]);
}
