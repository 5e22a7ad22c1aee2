//! The text of a first definition and a first test.

use cairn_core::digest::Digest;
use cairn_core::tree::Name;
use cairn_source::guess::{Project, System};

/// The image that has a shell and a C compiler.
const TOOLS: &str = "bootstrap/stage3";

/// What is known of a package that is not written yet.
pub struct Draft<'a> {
    pub name: &'a Name,
    pub version: &'a str,
    pub url: &'a str,
    pub checksum: Digest,
    pub looked: &'a Project,
}

/// Whether the tree has a package of that name.
type Has<'a> = &'a dyn Fn(&str) -> bool;

impl Draft<'_> {
    /// The Containerfile.
    pub fn recipe(&self, has: Has<'_>) -> String {
        let Draft { name, version, checksum, .. } = self;
        let (url, file) = self.source();
        let licence = self.looked.licence.unwrap_or("NOASSERTION");
        let mirror = if url.starts_with("${DEBIAN_MIRROR}") { "ARG DEBIAN_MIRROR\n" } else { "" };
        let unknown = match self.looked.licence {
            Some(_) => "",
            None => "# Its licence could not be read off its files: NOASSERTION says so.\n",
        };
        let (build, install) = self.steps();
        let strip = if self.looked.in_folder { " --strip-components=1" } else { "" };
        format!(
            "# {base}: begun from its archive; what it is, and who needs it, belongs here.\n\
             {unknown}{mirror}FROM scratch AS meta\n\
             ARG VERSION={version}\n\
             LABEL org.opencontainers.image.version=${{VERSION}} org.opencontainers.image.licenses={licence}\n\
             FROM meta AS base\n\
             {tools}\
             USER 1000:1000\n\
             WORKDIR /home/user\n\
             ENV CC=\"gcc -static-pie\" CXX=\"g++ -static-pie\" CFLAGS=-O2 CXXFLAGS=-O2 LDFLAGS=-s\n\
             FROM base AS fetch\n\
             {mirror}ADD --checksum={checksum} --chown=1000:1000 {url} .\n\
             FROM fetch AS build\n\
             RUN tar xf {file}{strip} \\\n && {build}\n\
             FROM build AS install\n\
             USER 0:0\n\
             RUN {install} \\\n && rm -rf rootfs/usr/share/doc rootfs/usr/share/info rootfs/usr/share/man{kept}\n\
             FROM meta AS package\n\
             COPY --from=install /home/user/rootfs /\n",
            base = name.base(),
            tools = self.tools(has),
            kept = self.kept(),
        )
    }

    /// The address and the name of the file with `${VERSION}` in them.
    fn source(&self) -> (String, String) {
        let url = self.url.replace(self.version, "${VERSION}");
        let file = url.rsplit('/').next().unwrap_or_default().to_owned();
        (url, file)
    }

    fn tools(&self, has: Has<'_>) -> String {
        let more: &[&str] = match self.looked.system {
            System::CMake => &["core/cmake", "core/ninja"],
            System::Meson => &["core/meson", "core/ninja", "core/python"],
            System::Autoconf => &["core/autoconf", "core/automake", "core/libtool", "core/m4", "core/perl"],
            System::Configure | System::Make | System::Unknown => &[],
        };
        let names = std::iter::once(&TOOLS).chain(more.iter().filter(|name| has(name)));
        names.map(|name| format!("COPY --from={name} . /\n")).collect()
    }

    fn steps(&self) -> (&'static str, &'static str) {
        let make = "make DESTDIR=/home/user/rootfs install";
        match self.looked.system {
            System::Configure => ("./configure --prefix=/usr --disable-shared && make -j$(nproc)", make),
            System::Autoconf => {
                ("autoreconf -fi && ./configure --prefix=/usr --disable-shared && make -j$(nproc)", make)
            }
            System::CMake => (
                "cmake -G Ninja -B out -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBDIR=lib \
                 -DBUILD_SHARED_LIBS=OFF && ninja -C out",
                "DESTDIR=/home/user/rootfs ninja -C out install",
            ),
            System::Meson => (
                "meson setup out --prefix=/usr --default-library=static && ninja -C out",
                "DESTDIR=/home/user/rootfs ninja -C out install",
            ),
            System::Make | System::Unknown => {
                ("make -j$(nproc)", "make DESTDIR=/home/user/rootfs PREFIX=/usr prefix=/usr install")
            }
        }
    }

    /// The licence goes with the image.
    fn kept(&self) -> String {
        let Some(file) = &self.looked.licence_file else { return String::new() };
        let base = self.name.base();
        format!(" \\\n && install -Dm644 {file} rootfs/usr/share/licenses/{base}/{file}")
    }

    /// The test: what is installed says its version. It fails until it fits.
    pub fn test(&self, has: Has<'_>) -> String {
        let from = if has("core/busybox") { "core/busybox" } else { TOOLS };
        format!(
            "# {base} starts. Better: let it do what people want it for.\n\
             FROM {from}\n\
             COPY --from={name} . /\n\
             RUN {base} --version | grep -F {version}\n",
            base = self.name.base(),
            name = self.name,
            version = self.version,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_core::containerfile::parse;

    fn draft(system: System, url: &str) -> (String, String) {
        let looked =
            Project { system, in_folder: true, licence_file: Some("COPYING".into()), licence: Some("MIT") };
        let name = "core/x".parse().expect("a name");
        let draft = Draft { name: &name, version: "1.2", url, checksum: Digest::of(b""), looked: &looked };
        let has = |name: &str| matches!(name, "core/cmake" | "core/busybox");
        (draft.recipe(&has), draft.test(&has))
    }

    #[test]
    fn every_draft_is_a_recipe_with_its_version_in_one_place() {
        use System::{Autoconf, CMake, Configure, Make, Meson, Unknown};
        for system in [Configure, Autoconf, CMake, Meson, Make, Unknown] {
            for url in ["https://x.org/x-1.2.tar.gz", "${DEBIAN_MIRROR}/pool/main/x/x/x_1.2.orig.tar.gz"] {
                let (recipe, test) = draft(system, url);
                parse("Containerfile", &recipe).unwrap_or_else(|error| panic!("{error}"));
                parse("test", &test).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(recipe.matches("1.2").count(), 1, "{recipe}");
                assert_eq!(recipe.contains("core/cmake"), system == CMake, "{recipe}");
                assert!(!recipe.contains("core/meson"), "not in the tree: {recipe}");
            }
        }
    }
}
