#!/usr/bin/env node
process.stdout.write('damon-exporter\n');
