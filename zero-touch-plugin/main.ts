#!/usr/bin/env node
/** The plugin `pulumi-resource-zero-touch`: `main.ts <engine address>`. */
import { servePlugin } from "../plugin-protocol/pluginProcess";
import { zeroTouchService } from "./zeroTouchService";

servePlugin(zeroTouchService());
