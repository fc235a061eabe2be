// A registry on this machine that has the packed packages, and passes on what else is asked for.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const folder = process.env.PACKED;
const upstream = (process.env.npm_config_registry ?? "https://registry.npmjs.org/").replace(/\/$/, "");
const packages = new Map();
for (const file of readdirSync(folder).filter((file) => file.endsWith(".tgz"))) {
  const bytes = readFileSync(join(folder, file));
  const manifest = JSON.parse(
    execFileSync("tar", ["-xzOf", join(folder, file), "package/package.json"], { encoding: "utf8" }),
  );
  packages.set(manifest.name, { bytes, manifest, file });
}

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(request.url.split("?")[0]).slice(1);
  const found = packages.get(path);
  const tarball = [...packages.values()].find(({ file }) => path === `-/${file}`);
  if (tarball) response.end(tarball.bytes);
  else if (found)
    response.setHeader("content-type", "application/json").end(JSON.stringify(packument(found)));
  else response.writeHead(307, { location: upstream + request.url }).end();
});

function packument({ manifest, bytes, file }) {
  const { name, version } = manifest;
  const dist = {
    tarball: `http://127.0.0.1:${server.address().port}/-/${file}`,
    integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    shasum: createHash("sha1").update(bytes).digest("hex"),
  };
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: {
      created: "2020-01-01T00:00:00.000Z",
      modified: "2020-01-01T00:00:00.000Z",
      [version]: "2020-01-01T00:00:00.000Z",
    },
  };
}

server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${server.address().port}/`;
  const [command, ...args] = process.argv.slice(2);
  const env = {
    ...process.env,
    npm_config_registry: url,
    NPM_CONFIG_REGISTRY: url,
    pnpm_config_registry: url,
    YARN_NPM_REGISTRY_SERVER: url,
    YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
    BUN_CONFIG_REGISTRY: url,
  };
  spawn(command, args, { stdio: "inherit", env }).on("exit", (code) => process.exit(code ?? 1));
});
