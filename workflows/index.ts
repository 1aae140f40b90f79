export { aftermath } from './aftermath.ts';
export { deploy } from './deploy.ts';
export { history, plan } from './read.ts';
export { registry } from './registry.ts';
