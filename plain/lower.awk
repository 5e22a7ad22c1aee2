# Says a Containerfile (comments gone, lines joined) in the words of the oldest engines. The folder
# DIR gets: Containerfile; add, a list of files for the image localhost/plain/add; and for pack.sh
# created, before, env, labels. What it cannot say it refuses.
function die(why) { print "plain: " why ": needs cairn, or BuildKit" > "/dev/stderr"; exit failed = 1 }
function put(line) { print line > (DIR "/Containerfile") }
function add(what) { print ++n, what > (DIR "/add"); return "COPY --from=localhost/plain/add " own "/" n "/" }
BEGIN { ENTRY = "{\"created\":\"1970-01-01T00:00:00Z\",\"created_by\":%s,\"comment\":\"buildkit.dockerfile.v0\",\"empty_layer\":true}," }
function json(s) { if (s ~ /["\\<>&]/) die(s); return "\"" s "\"" }
function flag(name,   v) { # its value; the flag is taken out of the line
    if (!match($0, "--" name "=[^ ]+ +")) return ""
    v = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3); sub(/ +$/, "", v)
    $0 = substr($0, 1, RSTART - 1) substr($0, RSTART + RLENGTH); return v
}
function expand(s,   out, name) {
    while (match(s, /[$]([A-Za-z_][A-Za-z_0-9]*|[{][A-Za-z_][A-Za-z_0-9]*[}])/)) {
        name = substr(s, RSTART + 1, RLENGTH - 1); gsub(/[{}]/, "", name)
        out = out substr(s, 1, RSTART - 1) value[name]; s = substr(s, RSTART + RLENGTH)
    }
    return out s
}
function pairs(s,   name, v, all) { # NAME=VALUE words, as the history has them: expanded, unquoted
    while (match(s, /^[^ =]+(=("[^"\\]*"|'[^']*'|[^ "']*))?/)) {
        name = v = substr(s, 1, RLENGTH); s = substr(s, RLENGTH + 1); sub(/^ +/, "", s)
        sub(/=.*/, "", name); all = all " " name; if (!sub(/^[^=]*=/, "", v)) continue
        v = v ~ /^'/ ? v : expand(v); gsub(/^["']|["']$/, "", v); all = all "=" v
        if (op == "LABEL") labels = labels json(name) ":" json(v) "\n"; else value[name] = v
        if (op == "ENV" && name == "PATH") path = v; else if (op == "ENV") env = env "," json(name "=" v)
    }
    return s == "" ? op all : die(op " " s)
}
{ op = toupper($1); sub(/^[ \t]*[A-Za-z]+[ \t]*/, ""); own = "" }
op ~ /^(RUN|COPY|ADD)$/ && /(^|[ \t])<<-?["']?[A-Za-z_]|^--(mount|parents|exclude|unpack)/ { die(op " " $0) }
op == "FROM" {
    base = $1; env = labels = before = refused = ""; copies = 0; user = users[base]; cwd = cwds[base]
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; stage = NF == 3 ? $3 : "stage-" ++stages
    put("FROM " (/\// ? "localhost/plain/" : "") base " AS " stage)
}
op ~ /^(ARG|ENV|LABEL)$/ { before = before sprintf(ENTRY, json(pairs($0))) }
op ~ /^(COPY|ADD)$/ {
    sub(/--link +/, ""); mode = flag("chmod"); hash = flag("checksum"); own = flag("chown"); from = flag("from")
    created = op (own ? " --chown=" own : "") (mode ? " --chmod=" mode : "") " " expand($0) " # buildkit"
    own = own ? "--chown=" own " " : ""; file = expand($1); sub(/.*\//, "", file); copies++
    if (mode && !hash && (from || NF != 2)) die(created)
    if (hash) put(add("fetch " (mode ? mode : 600) " " file " " substr(hash, 8) " " $1) file " " $2)
    else if (mode) put(add("copy " mode " " file " " $1) file " " $2)
    else put(op " " (from ? "--from=" : "") (from ~ /\// ? "localhost/plain/" : "") from " " own $0)
}
op == "WORKDIR" { # engines disagree on its owner: an empty folder is copied there before
    cwd = /^\// ? $1 : cwd "/" $1; own = user ? "--chown=" user " " : ""; put(add("folder") "empty/ " cwd "/")
}
op == "RUN" { sub(/--network=none +/, ""); if (!law[stage]++) put("ENV LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=0") }
op !~ /^(FROM|COPY|ADD|)$/ { put(op " " $0); if (op !~ /^(ARG|ENV|LABEL)$/) refused = op }
{ if (op == "USER") user = expand($0); users[stage] = user; cwds[stage] = cwd }
END {
    if (failed) exit 1
    if (base != "scratch" || copies != 1 || refused) die("not FROM scratch and one COPY as last stage " refused)
    printf "%s", before > (DIR "/before"); printf "%s", labels > (DIR "/labels")
    print created > (DIR "/created"); print "\"Env\":[" json("PATH=" path) env "]" > (DIR "/env")
}
