import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { AuditFinding } from '../../domain/gates/audit.ts';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';
import { named } from '../../domain/messages/github-refusal.ts';
import { withoutIt } from './without-it.ts';

const alertKinds = ['code-scanning', 'dependabot', 'secret-scanning'] as const;
export type AlertKind = (typeof alertKinds)[number];
/**
 * `unavailable` is GitHub's reason if there are no such alerts, because of the GitHub plan or of
 * the repository settings.
 */
type AlertReading = { findings: AuditFinding[] } | { unavailable: string };

/**
 * Reads the security alerts of a repository. `repository` is owner/name. `openAlerts` reads the
 * open alerts of the default branch. The methods throw the failures that the type `GitHub`
 * describes.
 */
export type Alerts = {
  openAlerts(repository: string, kind: AlertKind): Promise<AlertReading>;
  /**
   * Returns the newest run of code scanning on the branch for this commit. If there is no such run,
   * returns the newest run on the branch for any commit. null means that code scanning never ran on
   * the branch.
   */
  lastAnalysis(asked: {
    repository: string;
    branch: string;
    sha: string;
  }): Promise<Analysis | null>;
};
type Analysis = { sha: string; at: string; error: string };

const Analyses = z.array(
  z.object({
    commit_sha: z.string(),
    created_at: z.iso.datetime({ offset: true }),
    error: z.string(),
  }),
);

/**
 * If code scanning never ran, GitHub answers 404 with this text and does not send an empty list.
 */
const neverRan = /no analysis found/i;

const CodeAlert = z.object({
  number: z.number(),
  rule: z.object({
    id: z.string().nullish(),
    description: z.string().default(''),
    severity: z.string().nullish(),
    security_severity_level: z.enum(['critical', 'high', 'medium', 'low']).nullish(),
  }),
  most_recent_instance: z.object({ location: z.object({ path: z.string() }).optional() }),
});
const DependabotAlert = z.object({
  number: z.number(),
  dependency: z.object({ package: z.object({ name: z.string() }).optional() }),
  security_advisory: z.object({
    ghsa_id: z.string(),
    summary: z.string(),
    severity: z.enum(['critical', 'high', 'medium', 'low']),
  }),
});
/** GitHub's answer also contains the secret. This schema drops the secret. */
const SecretAlert = z.object({
  number: z.number(),
  secret_type_display_name: z.string().nullish(),
});

const moderate = <S extends string>(severity: S) => (severity === 'medium' ? 'moderate' : severity);

const codeFinding = ({ number, rule, most_recent_instance }: z.infer<typeof CodeAlert>) => {
  const level = rule.security_severity_level;
  const byRule = { error: 'high', warning: 'moderate', note: 'low', none: 'info' } as const;
  const known = byRule[(rule.severity ?? '') as keyof typeof byRule];
  return {
    id: `code-scanning/${number}`,
    severity: level ? moderate(level) : (known ?? 'unknown'),
    title: (rule.description || rule.id) ?? 'no description',
    where: most_recent_instance.location?.path ?? 'the repository',
  } as AuditFinding;
};
const dependabotFinding = (alert: z.infer<typeof DependabotAlert>) =>
  ({
    id: alert.security_advisory.ghsa_id,
    severity: moderate(alert.security_advisory.severity),
    title: alert.security_advisory.summary,
    where: alert.dependency.package?.name ?? 'a dependency',
  }) as AuditFinding;
const secretFinding = ({ number, secret_type_display_name }: z.infer<typeof SecretAlert>) =>
  ({
    id: `secret-scanning/${number}`,
    severity: 'critical',
    title: secret_type_display_name ?? 'a secret',
    where: 'the repository',
  }) as AuditFinding;

const needsOf: Record<AlertKind, string> = {
  'code-scanning': named('codeScanning'),
  dependabot: named('dependabot'),
  'secret-scanning': `${named('secretScanning')}; a person must be an administrator, with the role "admin"`,
};

export function createAlerts(octokit: Octokit, ask: Ask): Alerts {
  const readers = {
    'code-scanning': async (at: ReturnType<typeof split>, what: string) => {
      const { listAlertsForRepo } = octokit.rest.codeScanning;
      const list = await octokit.paginate(listAlertsForRepo, { ...at, ...open });
      return parsed(z.array(CodeAlert), list, what).map(codeFinding);
    },
    dependabot: async (at: ReturnType<typeof split>, what: string) => {
      const list = await octokit.paginate('GET /repos/{owner}/{repo}/dependabot/alerts', {
        ...at,
        ...open,
      });
      return parsed(z.array(DependabotAlert), list, what).map(dependabotFinding);
    },
    'secret-scanning': async (at: ReturnType<typeof split>, what: string) => {
      const { listAlertsForRepo } = octokit.rest.secretScanning;
      const list = await octokit.paginate(listAlertsForRepo, { ...at, ...open });
      return parsed(z.array(SecretAlert), list, what).map(secretFinding);
    },
  };
  return {
    async lastAnalysis({ repository, branch, sha }) {
      const what = `the code-scanning analyses of ${repository}`;
      const needs = needsOf['code-scanning'];
      return ask({ what, repository, effect: false, needs }, async () => {
        const newest = { per_page: 100, sort: 'created', direction: 'desc' } as const;
        const asked = { ...split(repository), ref: `refs/heads/${branch}`, ...newest };
        const { data } = await octokit.rest.codeScanning
          .listRecentAnalyses(asked)
          .catch((cause: unknown) => (withoutIt(cause, neverRan), { data: [] }));
        const all = parsed(Analyses, data, what);
        const last = all.find(({ commit_sha }) => commit_sha === sha) ?? all[0];
        return last ? { sha: last.commit_sha, at: last.created_at, error: last.error } : null;
      });
    },
    async openAlerts(repository, kind) {
      const what = `the ${kind} alerts of ${repository}`;
      const needs = needsOf[kind];
      return ask({ what, repository, effect: false, needs }, async () => {
        try {
          return { findings: await readers[kind](split(repository), what) };
        } catch (cause) {
          return { unavailable: withoutIt(cause, itsPlan) };
        }
      });
    },
  };
}

/**
 * Matches GitHub's messages about a scanner that the plan or the settings do not include. Any other
 * message is an error. Example: the token has no permission.
 */
const itsPlan = /disabled|must be enabled|not enabled|upgrade/i;

const open = { state: 'open', per_page: 100 } as const;
