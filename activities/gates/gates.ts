import type { GateChecks } from '../../domain/contract/activities.ts';
import type { Config } from '../../domain/config/config.ts';
import { createAuditGate } from './audit/audit.ts';
import type { SafeFetch } from '../lib/safe-fetch/safe-fetch.ts';
import { createBudgetGate } from './budget.ts';
import { createPlatformGate } from './platform.ts';
import type { PlatformDeps } from './platform.ts';
import { createPreviousGate } from './previous.ts';
import { createSecretsGate } from './secrets/secrets.ts';
import type { Lint } from './secrets/lint.ts';
import { createTestsGate } from './tests.ts';
import type { GitHub } from '../github/github.ts';
import type { Ledger } from '../ledger/types.ts';
import { effect } from '../lib/effect.ts';

type Deps = PlatformDeps & {
  config: Pick<
    Config,
    'projects' | 'sandbox' | 'timeScale' | 'approvers' | 'revoked' | 'slack' | 'budget'
  >;
  /** null = GitHub is not configured. */
  github: GitHub | null;
  ledger: Pick<Ledger, 'read' | 'append' | 'book'>;
  secret: (ref: string) => string;
  fetch: SafeFetch;
  lint?: Lint;
};
/**
 * Makes all gates. The gates collect facts, and domain/gates judges the facts. A gate throws a
 * transient failure if a source cannot be read now but may be readable later.
 */
export const createGates = (deps: Deps): GateChecks => ({
  checkTests: createTestsGate(deps),
  checkSecrets: createSecretsGate(deps),
  checkAudit: createAuditGate(deps),
  checkPlatform: createPlatformGate(deps),
  checkPrevious: createPreviousGate(deps),
  checkBudget: effect('checkBudget', createBudgetGate(deps)),
});
