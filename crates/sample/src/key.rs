//! System keys of fields.
//!
//! Torii's own keys are the same in every organization. The keys of all other fields differ, and cannot be derived from the
//! name of the field: whoever needs one has to read it from the metadata.

use crate::options::Organization;

/// The system key of a field in each organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    first: &'static str,
    second: &'static str,
}

impl Key {
    pub(super) const fn of(self, organization: Organization) -> &'static str {
        match organization {
            Organization::First => self.first,
            Organization::Second => self.second,
        }
    }
}

/// A key of Torii's own.
pub(super) const fn same(key: &'static str) -> Key {
    Key { first: key, second: key }
}

/// Declares the keys that differ between the organizations.
macro_rules! keys {
    ($($name:ident = $first:literal $second:literal;)*) => {
        $(pub(super) const $name: Key = Key { first: $first, second: $second };)*
        #[cfg(test)]
        pub(super) static KEYS: &[Key] = &[$($name),*];
    };
}

keys! {
    // Default fields of contracts.
    START_DATE = "ccf_1b7e" "ccf_a203";
    END_DATE = "ccf_4f1c" "ccf_c95d";
    AUTO_RENEWAL = "ccf_82d0" "ccf_17b6";
    NOTICE_DAYS = "ccf_0c6b" "ccf_e4f1";
    CANCEL_UNTIL = "ccf_d35a" "ccf_6a08";
    YEARLY_COST = "ccf_97e4" "ccf_2d7c";
    PAYMENT_TERM = "ccf_5a22" "ccf_b41f";
    CONTRACT_VENDOR = "ccf_e8f6" "ccf_390a";
    BILLING_EMAIL = "ccf_3c91" "ccf_f05e";
    PREVIOUS_CONTRACT = "ccf_b70d" "ccf_5182";
    NEXT_CONTRACT = "ccf_64a8" "ccf_8ec3";
    CONTRACT_NOTES = "ccf_f219" "ccf_7d94";
    // Fields that the organization added to contracts.
    NDA_SIGNED = "c_isThereAnNdaSigned_1" "ccf_4421";
    CONTRACT_COST_CENTER = "c_costCenter" "ccf_90be";
    SEATS = "c_seats" "ccf_1fd7";
    DPA_SIGNED = "c_dpaSigned" "ccf_ca60";
    COMMITTED_SPEND = "c_committedSpend" "ccf_6b3e";
    SECURITY_REVIEW = "c_securityReviewDate" "ccf_d812";
    PURCHASE_ORDER = "ccf_poNumber" "ccf_05af";
    // Default fields of apps whose keys are not published.
    APP_NOTES = "c_a17d" "c_f630";
    PLAN = "c_52be" "c_0e91";
    // Fields that the organization added to apps.
    CRITICALITY = "c_businessCriticality" "c_7c45";
    DATA_CLASSES = "c_dataClasses" "c_b82a";
    SSO_ENFORCED = "c_ssoEnforced_1" "c_19ef";
    PURCHASED_SEATS = "c_purchasedSeats" "c_d064";
    ANNUAL_BUDGET = "c_annualBudget" "c_3b58";
    NEXT_REVIEW = "c_nextReview" "c_84c1";
    APP_COST_CENTER = "c_costCenter" "c_e7d3";
    TECHNICAL_CONTACT = "c_technicalContact" "c_6f0b";
    // Fields of users, which come from a personnel system.
    DEPARTMENT = "c_department" "c_2a96";
    JOB_TITLE = "c_jobTitle" "c_c50d";
    EMPLOYEE_NUMBER = "c_employeeNumber" "c_98f4";
    IS_CONTRACTOR = "c_isContractor" "c_41e2";
    FIRST_DAY = "c_startDate" "c_d77b";
    SOFTWARE_BUDGET = "c_softwareBudget" "c_0b3c";
    OLD_COST_CENTER = "c_oldCostCenter" "c_ee18";
}
