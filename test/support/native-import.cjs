'use strict';
// This is Node's own import(). In the files that a test runner loads, the runner replaces import().
module.exports = (url) => import(url);
