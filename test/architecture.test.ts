import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect } from "chai";
import ts from "typescript";
import { packageRoot } from "../connector/package-root.ts";

const root = join(packageRoot, "connector");
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

/** Returns the files of connector/ that a file imports, with or without types, and the packages and Node modules. */
function importsOf(file: string, withTypes = false): { rooms: string[]; packages: string[] } {
  const text = readFileSync(join(root, file), "utf8");
  const rooms: string[] = [];
  const packages: string[] = [];
  for (const [, type, name] of text.matchAll(/^(?:import|export) (type )?(?:[^"';]*? from )?"([^"]+)";$/gm)) {
    if (type !== undefined && !withTypes) continue;
    if (!name!.startsWith(".")) packages.push(name!);
    else rooms.push(relative(root, resolve(dirname(join(root, file)), name!)));
  }
  return { rooms, packages };
}

/** Returns the files of connector/ that a file imports, types and later imports included. */
function allImportsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const later = [...text.matchAll(/\bimport\("(\.[^"]+)"\)/g)].map(([, name]) =>
    relative(root, resolve(dirname(join(root, file)), name!)),
  );
  return [...importsOf(file, true).rooms, ...later];
}

/** Says whether a file carries a command out: the command's declaration loads it. */
function isVerb(file: string): boolean {
  return files.some((other) => other.endsWith("-command.ts") && allImportsOf(other).includes(file));
}

const roomOf = (file: string) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "");

/** The rooms that each room may import from; leaves at the top (no room) are open to all. */
const allowed: Record<string, string[]> = {
  "": ["", "text"],
  text: ["text", ""],
  http: ["http", "text", ""],
  mapping: ["mapping", "text", ""],
  planhat: ["planhat", "http", "mapping", "text", ""],
  pipedrive: ["pipedrive", "http", "mapping", "text", ""],
  database: ["database", "mapping", "planhat", "text", ""],
  config: ["config", "mapping", "text", ""],
  protocol: ["protocol", "pipedrive", "mapping", "config", "text", ""],
  sandbox: ["sandbox", "http", "mapping", "text", ""],
  alerts: ["alerts", "database", "http", "mapping", "config", "text", ""],
  sync: ["sync", "database", "mapping", "planhat", "pipedrive", "text", ""],
  service: ["service", "alerts", "sync", "database", "mapping", "planhat", "pipedrive", "http", "config", "text", ""],
};
/** The console reads and writes by the functions of the commands, and no room but the commands imports it. */
allowed["console"] = ["console", "commands", ...allowed["service"]!];

/** The wings below each wing of a room; a file outside the folders belongs to the ground. Types count. */
const under: Record<string, Record<string, string[]>> = {
  sync: {
    ground: [],
    decide: ["ground"],
    brake: ["decide", "ground"],
    land: ["decide", "ground"],
    apply: ["land", "brake", "decide", "ground"],
    send: ["land", "decide", "ground"],
    publish: ["land", "brake", "decide", "ground"],
    runs: ["apply", "send", "publish", "land", "brake", "decide", "ground"],
  },
  database: {
    ground: [],
    connection: ["ground"],
    bulk: ["ground"],
    alerts: ["bulk", "ground"],
    tables: ["bulk", "ground"],
    history: ["tables", "bulk", "ground"],
    undo: ["history", "bulk", "ground"],
    rows: ["history", "tables", "bulk", "ground"],
    lists: ["history", "tables", "rows", "bulk", "ground"],
    rehearsal: ["connection", "rows", "bulk", "ground"],
    landing: ["rehearsal", "bulk", "ground"],
    forget: ["rows", "tables", "bulk", "ground"],
    look: ["connection", "ground"],
    server: ["look", "connection", "ground"],
    embedded: ["look", "connection", "bulk", "ground"],
    migrations: ["bulk", "ground"],
    backup: ["migrations", "look", "bulk", "ground"],
    open: ["migrations", "embedded", "server", "look", "rehearsal", "tables", "connection", "bulk", "ground"],
  },
};
const mapping = ["language", "transforms", "ground"];
under["mapping"] = {
  ground: [],
  transforms: ["ground"],
  language: ["transforms", "ground"],
  evaluate: mapping,
  compile: ["evaluate", ...mapping],
  check: ["compile", "evaluate", ...mapping],
};
under["pipedrive"] = {
  client: [],
  records: ["client"],
  lists: ["records", "client"],
  account: ["lists", "records", "client"],
  writes: ["lists", "records", "client"],
};
const aboveRuns = ["plan", "undo", "forget", "inspect", "audit"];
for (const wing of aboveRuns) under["sync"]![wing] = ["runs", ...under["sync"]!["runs"]!];

/** Returns the functions of a file that take five parameters or more, each with its place. */
function functionsOfMany(file: string): string[] {
  const text = readFileSync(join(packageRoot, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isFunctionLike(node) && node.parameters.length > 4) {
      const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push(`${named?.getText() ?? "a function"} in ${file}:${line}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const wingOf = (file: string) => {
  const [, wing, ...rest] = file.split("/");
  return rest.length === 0 ? "ground" : wing!;
};

describe("the layout", () => {
  it("imports point one way: commands, sync, then the rooms that know nothing of it", () => {
    const against = files.flatMap((file) => {
      const rooms = allowed[roomOf(file)];
      if (rooms === undefined || file === "main.ts") return [];
      return importsOf(file)
        .rooms.filter((other) => !rooms.includes(roomOf(other)))
        .map((other) => `${file} imports ${other}`);
    });
    expect(against).to.deep.equal([]);
  });

  it("the wings of a room import one way, types included: in sync/ from audit and plan down to the ground", () => {
    for (const [room, wings] of Object.entries(under)) {
      const inRoom = files.filter((file) => roomOf(file) === room);
      const against = inRoom.flatMap((file) => {
        const open = [wingOf(file), ...(wings[wingOf(file)] ?? [])];
        return importsOf(file, true)
          .rooms.filter((other) => roomOf(other) === room && !open.includes(wingOf(other)))
          .map((other) => `${file} imports ${other}`);
      });
      expect(against).to.deep.equal([]);
      expect(Object.keys(wings), room).to.include.members([...new Set(inRoom.map(wingOf))]);
    }
  });

  it("what decides is pure: no Node module, no database, no network", () => {
    const besides = ["summary", "planhat-summary", "inspect/preview-record", "inspect/explain-rules"];
    const pure = [
      ...files.filter((file) => file.startsWith("sync/decide/")),
      ...[...besides, "inspect/explain-absence", "inspect/explain-record"].map((name) => `sync/${name}.ts`),
    ];
    // It lists the changes of a row, and does nothing else.
    const rowChange = "database/row-change.ts";
    for (const file of pure) {
      const { rooms, packages } = importsOf(file);
      expect(packages, file).to.deep.equal([]);
      for (const room of rooms.filter((name) => name !== rowChange))
        expect(roomOf(room), `${file} imports ${room}`).to.be.oneOf(["sync", "mapping", "planhat", "text", ""]);
    }
  });

  it("there is no circle of imports, types and what is loaded later included", () => {
    const next = new Map(files.map((file) => [file, allImportsOf(file)]));
    // Repeatedly removes files whose imports are all removed: the rest is in a circle or leads into one.
    for (let before = 0; before !== next.size; ) {
      before = next.size;
      for (const [file, found] of next) if (!found.some((other) => next.has(other))) next.delete(file);
    }
    expect([...next.keys()]).to.deep.equal([]);
  });

  it("rows are written in few files, each of which keeps what it changes", () => {
    const writing =
      /(?:insert into|update|delete from|copy) (?:planhat\.|\$\{tableNamed\(|\$\{table\} (?:as r\b|\((?:id, )?source_id))/;
    const found = files.filter(
      (file) => !file.includes("migrations/") && writing.test(readFileSync(join(root, file), "utf8")),
    );
    // A new one must keep its changes: test/sync/inspect/changes-properties.test.ts shows that none is missing.
    const keeping = [
      "rows/made-companies",
      "rows/mapped-fields",
      "rows/rows",
      "undo/made-rows",
      "undo/return-replaced",
      "undo/return-rows",
      "undo/undo-updates",
    ];
    const statementsOfStoreRows = ["rows/copy-new-rows", "bulk/row-merge"];
    // They write Planhat's own id of a row, which is not one of its values.
    const idsOnly = ["rows/planhat-ids", "rows/published", "rows/tenants"];
    // What is forgotten may stay nowhere, so no change of it is kept either.
    const forgetting = ["forget/clear-person"];
    const named = [...keeping, ...statementsOfStoreRows, ...idsOnly, ...forgetting].map(
      (name) => `database/${name}.ts`,
    );
    expect(found.sort()).to.deep.equal(named.sort());
    for (const name of [...keeping, "rows/store-rows"]) {
      const text = readFileSync(join(root, `database/${name}.ts`), "utf8");
      expect(text, name).to.match(/keepChanges|storeChanges|into connector\.changes/);
    }
  });

  it("what a run writes is committed by commitRun, which checks the fence", () => {
    const byHand = files.filter((file) => /\bholdFence\(/.test(readFileSync(join(root, file), "utf8")));
    // A page waits for the one before it, after the fence and before its commit.
    expect(byHand.sort()).to.deep.equal(["database/tables/fence.ts", "sync/land/extract-stream.ts"]);
  });

  it("no folder holds more than 25 files, but that of the transforms", () => {
    const counts = new Map<string, number>();
    for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    const large = [...counts].filter(([folder, count]) => count > 25 && folder !== "mapping/transforms");
    expect(large).to.deep.equal([]);
  });

  it("a file of few lines has several importers, or is a command, a transform, a migration or types", () => {
    const importers = new Map<string, number>();
    for (const file of files)
      for (const other of new Set(allImportsOf(file))) importers.set(other, (importers.get(other) ?? 0) + 1);
    const small = files.filter((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const does = /^(?:export )?(?:async |abstract )*(?:function|const|let|class) /m.test(text);
      const mayBe = /^(?:main|bin)\.ts$|-command\.ts$|^(?:mapping\/transforms|database\/migrations)\//.test(file);
      return does && !mayBe && text.split("\n").length < 28 && (importers.get(file) ?? 0) < 2;
    });
    expect(small.filter((file) => !isVerb(file))).to.deep.equal([]);
  });

  it("an exported name means one thing: no two files export it", () => {
    const exporters = new Map<string, string[]>();
    const declared =
      /^export (?:declare |abstract |async )*(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
    for (const file of files) {
      const names = [...readFileSync(join(root, file), "utf8").matchAll(declared)].map(([, name]) => name!);
      for (const name of new Set(names)) exporters.set(name, [...(exporters.get(name) ?? []), file]);
    }
    expect(exporters.size).to.be.greaterThan(1000);
    const several = [...exporters].filter(([, found]) => found.length > 1);
    expect(several.map(([name, found]) => `${name} in ${found.join(" and ")}`)).to.deep.equal([]);
  });

  it("a function takes at most four parameters; what belongs together comes as one object", () => {
    const tooMany = ["connector", "bench", "test", "build", "schemas", "console"].flatMap((folder) =>
      readdirSync(join(packageRoot, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.tsx?$/.test(name))
        .flatMap((name) => functionsOfMany(`${folder}/${name}`)),
    );
    expect(tooMany).to.deep.equal([]);
  });

  it("every file is about one thing: none is longer than 400 lines", () => {
    const long = files.filter(
      (file) => !file.endsWith(".generated.ts") && readFileSync(join(root, file), "utf8").split("\n").length > 401,
    );
    expect(long).to.deep.equal([]);
  });
});

describe("the page of the console", () => {
  const folder = join(packageRoot, "console");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));

  it("imports from connector/ nothing but types, and packages that Node does not need", () => {
    const packages = /^(?:preact|@preact\/|hono\/client$|uplot|codemirror$|@codemirror\/|@lezer\/|yaml$|style-mod$)/;
    const against = sources.flatMap((file) => {
      const text = readFileSync(join(folder, file), "utf8");
      const imports = text.matchAll(/^(?:import|export) (type )?(?:[^"';]*? from )?"([^"]+)";$/gm);
      const later = [...text.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, name]) => ["", undefined, name] as const);
      return [...imports, ...later].flatMap(([, type, name]) => {
        const inside = resolve(dirname(join(folder, file)), name!).startsWith(`${folder}/`);
        const fits = name!.startsWith(".") ? inside || type !== undefined : packages.test(name!);
        return fits ? [] : [`${file} imports ${name}`];
      });
    });
    expect(sources.length).to.be.greaterThan(20);
    expect(against).to.deep.equal([]);
  });

  it("writes no markup from texts, and no file of it is longer than 400 lines", () => {
    for (const file of sources) {
      const text = readFileSync(join(folder, file), "utf8");
      expect(text, file).not.to.match(/dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(/);
      expect(text.split("\n").length, file).to.be.at.most(401);
    }
  });
});

describe("docs/architecture.md", () => {
  const page = readFileSync(join(packageRoot, "docs/architecture.md"), "utf8");

  it("names every folder of a room, but those of the verbs, and README every room and every folder at the top", () => {
    const readme = readFileSync(join(packageRoot, "README.md"), "utf8");
    const layout = readme.slice(readme.indexOf("connector/\n"));
    const folders = new Set(files.map((file) => dirname(file)).filter((folder) => folder !== "."));
    const isVerb = (folder: string) => files.some((file) => dirname(file) === folder && file.endsWith("-command.ts"));
    const inRooms = [...folders].filter((folder) => folder.includes("/") && !isVerb(folder));
    expect(inRooms.length).to.be.greaterThan(40);
    expect(inRooms.filter((folder) => !page.includes(`\`${folder}/\``))).to.deep.equal([]);
    const atTop = readdirSync(packageRoot, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(?:\.|node_modules$|dist$|coverage$|planhat-data$)/.test(entry.name))
      .map(({ name }) => name);
    const rooms = [...folders].filter((folder) => !folder.includes("/")).map((folder) => `  ${folder}`);
    const told = [...atTop, ...rooms].filter((folder) => !new RegExp(`^${folder}/`, "m").test(layout));
    expect(told).to.deep.equal([]);
  });

  it("names only files and folders that exist", () => {
    const named = [...page.matchAll(/`([\w./-]+(?:\.\w+|\/))`/g)].map(([, name]) => name!);
    const paths = named.filter((name) => name.includes("/") || /\.(?:ts|md)$/.test(name));
    expect(paths.length).to.be.greaterThan(40);
    const missing = paths.filter((name) => ![root, packageRoot].some((folder) => existsSync(join(folder, name))));
    expect(missing).to.deep.equal([]);
  });
});

describe("a test or a benchmark", () => {
  it("names only files of connector/ that exist, also in the code that it gives to another process", () => {
    const missing = ["test", "bench"].flatMap((folder) =>
      readdirSync(join(packageRoot, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.(?:ts|mjs)$/.test(name) && !name.endsWith("architecture.test.ts"))
        .flatMap((name) => {
          const text = readFileSync(join(packageRoot, folder, name), "utf8");
          const named = [...text.matchAll(/connector\/[\w./-]+\.ts\b/g)].map(([path]) => path);
          return named.filter((path) => !existsSync(join(packageRoot, path))).map((path) => `${name} names ${path}`);
        }),
    );
    expect(missing).to.deep.equal([]);
  });
});
