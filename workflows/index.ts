export { adopt } from './adopt.ts';
export { aftermath } from './aftermath.ts';
export { deploy } from './deploy.ts';
export { closeIncident } from './incidents.ts';
export { lift } from './lift.ts';
export { history, plan, verifyLedger } from './read.ts';
export { reconcile } from './reconcile.ts';
export { recover } from './recover.ts';
export { registry } from './registry.ts';
