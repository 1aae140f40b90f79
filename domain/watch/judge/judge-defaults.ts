import type { JudgeConfig } from '../../deploy/plan.ts';

/**
 * The constants of both sequential tests, for production and the sandbox. These constants are part
 * of the digest, because a change after the first samples would break the guarantee of the tests.
 */
export const judgeDefaults: JudgeConfig = {
  alpha: 0.01,
  beta: 0.05,
  rho: 1.2,
  rhoBad: 2,
  a: 1,
  theta: [1.5, 2, 3, 4.5, 7, 12, 25, 60, 200, 1000],
  weight: [0.18, 0.2, 0.17, 0.13, 0.1, 0.08, 0.06, 0.04, 0.02, 0.02],
  thetaOk: [1, 0.5],
  weightOk: [0.8, 0.2],
  onset: [0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6],
  onsetWeight: [0.75, 0.05, 0.05, 0.05, 0.05, 0.05],
  objective: {
    p0: 0.05,
    q: [0.1, 0.25, 0.5, 0.95],
    w: [0.25, 0.25, 0.25, 0.25],
    healthFactor: [0, 0.25, 0.5],
    healthWeight: [0.4, 0.4, 0.2],
  },
};
