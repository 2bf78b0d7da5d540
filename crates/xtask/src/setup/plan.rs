//! What to do about the tools that are not there. No input or output: facts in, plan out.

use super::look::{Found, OLDEST_CMAKE};
use super::version::Version;
use crate::error::Missing;

/// What the plan depends on.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// Packages can be installed: apt is there, and the user is root.
    pub(crate) apt: bool,
    /// The cmake that apt would install.
    pub(crate) apt_cmake: Option<Version>,
    pub(crate) python: Python,
    pub(crate) found: Found,
}

/// What there is of Python to fetch with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Python {
    /// `python3 -m pip` works.
    Pip,
    /// pip comes with a new virtual environment.
    Venv,
    /// pip can be unpacked from a Debian package.
    Wheel,
    /// Python without any way to pip.
    NoPip,
    /// No Python.
    None,
}

/// A package on PyPI that carries a build tool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Tool {
    Cmake,
    Libclang,
}

/// The things to do, in this order; when something is missing, nothing is done.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// Install these packages with apt.
    pub(crate) apt: Vec<&'static str>,
    /// Fetch these with pip into the tools folder.
    pub(crate) pip: Vec<Tool>,
    /// Ask a person for these.
    pub(crate) missing: Vec<Missing>,
}

/// Decides.
pub(crate) fn plan(facts: &Facts) -> Plan {
    let found = &facts.found;
    let apt_has_cmake = facts.apt_cmake.is_some_and(|version| version >= OLDEST_CMAKE);
    let mut plan = Plan::default();

    if facts.apt {
        plan.apt.extend(found.cxx.is_none().then_some("g++"));
        plan.apt.extend((!found.make).then_some("make"));
        if found.cmake.is_none() {
            if apt_has_cmake {
                plan.apt.push("cmake");
            } else {
                plan.pip.push(Tool::Cmake);
            }
        }
        plan.apt.extend((!found.has_libclang()).then_some("libclang-dev"));
        if !plan.pip.is_empty() && !matches!(facts.python, Python::Pip | Python::Venv) {
            plan.apt.push("python3-venv");
        }
        return plan;
    }

    if found.cmake.is_none() {
        plan.pip.push(Tool::Cmake);
    }
    if !found.has_libclang() {
        plan.pip.push(Tool::Libclang);
    }
    if matches!(facts.python, Python::NoPip | Python::None) || found.cxx.is_none() || !found.make {
        // Whoever has to call for root may as well call once, for everything that pip cannot bring.
        plan.missing = by_hand(found, facts.apt_cmake);
        if !matches!(facts.python, Python::NoPip | Python::None) {
            plan.missing.retain(|one| matches!(one.packages, "g++" | "make"));
        }
        plan.pip.clear();
    }
    plan
}

/// Everything that is still missing, as a person would install it.
pub(crate) fn by_hand(found: &Found, apt_cmake: Option<Version>) -> Vec<Missing> {
    let mut missing = Vec::new();
    if found.cxx.is_none() {
        missing.push(Missing { what: "a C++ compiler", packages: "g++" });
    }
    if !found.make {
        missing.push(Missing { what: "make", packages: "make" });
    }
    let apt_has_cmake = apt_cmake.is_some_and(|version| version >= OLDEST_CMAKE);
    match (found.cmake, found.has_libclang()) {
        // This distribution's own cmake is too old: with pip at hand the next run fetches what is
        // missing.
        (None, false) if !apt_has_cmake => missing.push(Missing {
            what: "cmake 3.28 or newer and libclang, or Python's pip to fetch them",
            packages: "python3-venv",
        }),
        (None, true) if !apt_has_cmake => missing.push(Missing {
            what: "cmake 3.28 or newer, or Python's pip to fetch it",
            packages: "python3-venv",
        }),
        (cmake, has_libclang) => {
            if cmake.is_none() {
                missing.push(Missing { what: "cmake 3.28 or newer", packages: "cmake" });
            }
            if !has_libclang {
                missing.push(Missing { what: "libclang", packages: "libclang-dev" });
            }
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::super::look::Cmake;
    use super::*;

    const OLD: Option<Version> = Some(Version(3, 25, 1));
    const NEW: Option<Version> = Some(Version(3, 31, 6));

    fn bare(apt: bool, apt_cmake: Option<Version>, python: Python) -> Facts {
        Facts { apt, apt_cmake, python, found: Found::default() }
    }

    fn compiler() -> Found {
        Found { cxx: Some("c++"), make: true, ..Found::default() }
    }

    fn packages(plan: &Plan) -> Vec<&str> {
        plan.missing.iter().map(|one| one.packages).collect()
    }

    #[test]
    fn root_takes_everything_from_a_new_distribution() {
        let plan = plan(&bare(true, NEW, Python::None));
        assert_eq!(plan.apt, ["g++", "make", "cmake", "libclang-dev"]);
        assert!(plan.pip.is_empty() && plan.missing.is_empty());
    }

    #[test]
    fn root_takes_cmake_from_pip_where_the_distribution_is_old() {
        let facts = bare(true, OLD, Python::None);
        assert_eq!(plan(&facts).apt, ["g++", "make", "libclang-dev", "python3-venv"]);
        assert_eq!(plan(&facts).pip, [Tool::Cmake]);
        let with_pip = bare(true, OLD, Python::Pip);
        assert_eq!(plan(&with_pip).apt, ["g++", "make", "libclang-dev"]);
    }

    #[test]
    fn a_user_with_a_compiler_and_python_needs_no_root() {
        for python in [Python::Pip, Python::Venv, Python::Wheel] {
            let plan = plan(&Facts { found: compiler(), ..bare(false, OLD, python) });
            assert_eq!(plan.pip, [Tool::Cmake, Tool::Libclang]);
            assert!(plan.apt.is_empty() && plan.missing.is_empty());
        }
    }

    #[test]
    fn a_user_without_a_compiler_is_told_what_to_install_and_nothing_else_happens() {
        let plan = plan(&bare(false, OLD, Python::Venv));
        assert_eq!(packages(&plan), ["g++", "make"]);
        assert!(plan.apt.is_empty() && plan.pip.is_empty());
    }

    #[test]
    fn a_user_without_python_is_told_the_shortest_way() {
        let old = plan(&Facts { found: compiler(), ..bare(false, OLD, Python::None) });
        assert_eq!(packages(&old), ["python3-venv"]);
        let new = plan(&Facts { found: compiler(), ..bare(false, NEW, Python::None) });
        assert_eq!(packages(&new), ["cmake", "libclang-dev"]);
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let found = Found {
            cmake: Some(Cmake { version: Version(4, 0, 0), fetched: true }),
            fetched_libclang: true,
            ..compiler()
        };
        assert!(found.complete());
        for apt in [true, false] {
            let facts = Facts { found: found.clone(), ..bare(apt, NEW, Python::None) };
            assert_eq!(plan(&facts), Plan::default());
        }
    }
}
