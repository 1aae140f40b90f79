import type { Activities } from '../domain/activities.ts';
import type { Config } from '../domain/schema.ts';
import { createAuditGate } from './gates/audit.ts';
import type { SafeFetch } from './safe-fetch.ts';
import { createBudgetGate } from './gates/budget.ts';
import { createPlatformGate } from './gates/platform.ts';
import type { PlatformDeps } from './gates/platform.ts';
import { createPreviousGate } from './gates/previous.ts';
import { createSecretsGate } from './gates/secrets.ts';
import type { Lint } from './gates/secrets/lint.ts';
import { createTestsGate } from './gates/tests.ts';
import type { GitHub } from './github.ts';
import type { Ledger } from './ledger.ts';

type Deps = PlatformDeps & {
  config: Pick<Config, 'projects' | 'sandbox' | 'approvers' | 'revoked' | 'slack' | 'budget'>;
  /** null = not configured. */
  github: GitHub | null;
  ledger: Pick<Ledger, 'read' | 'append' | 'book'>;
  secret: (ref: string) => string;
  fetch: SafeFetch;
  lint?: Lint;
};
type Gates = Pick<
  Activities,
  'checkTests' | 'checkSecrets' | 'checkAudit' | 'checkPlatform' | 'checkPrevious' | 'checkBudget'
>;

/** Facts are gathered here and judged by domain/policy/gates; what may be read later throws transient. */
export const createGates = (deps: Deps): Gates => ({
  checkTests: createTestsGate(deps),
  checkSecrets: createSecretsGate(deps),
  checkAudit: createAuditGate(deps),
  checkPlatform: createPlatformGate(deps),
  checkPrevious: createPreviousGate(deps),
  checkBudget: createBudgetGate(deps),
});
