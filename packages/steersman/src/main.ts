#!/usr/bin/env node
// The `steersman` command. Node keeps the compiled code from run to run, so that the next start is quicker.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./command-line.js');
