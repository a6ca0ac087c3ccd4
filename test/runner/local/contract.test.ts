import { describeRunner } from '../../conformance/runner/suite.js';
import { createLocalFixture } from './harness.js';

describeRunner('the local runner', () => createLocalFixture());
